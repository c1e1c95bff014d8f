"""Where runs lie."""

import re
from pathlib import Path

import pytest

from tunesmith.protocol import StoreUnwritable
from tunesmith.protocol.store import RunStore
from tunesmith.server.runs.folders import (
    create_run_folder,
    find_shared_mount,
    is_owned,
    new_run_id,
    run_places,
)


def test_a_run_lies_in_the_workspace_and_out_of_git(tmp_path: Path, root: Path) -> None:
    folder = create_run_folder("20260101-000000-aaaa", run_places(root, tmp_path / "state"))
    assert folder.path == root / ".tunesmith" / "runs" / "20260101-000000-aaaa"
    assert folder.moved_because is None
    assert (root / ".tunesmith" / ".gitignore").read_text() == "*\n"
    assert (folder.path / "run.sqlite").exists()


def test_the_user_s_gitignore_stays(tmp_path: Path, root: Path) -> None:
    (root / ".tunesmith").mkdir()
    (root / ".tunesmith" / ".gitignore").write_text("runs/\n")
    create_run_folder("a", run_places(root, tmp_path / "state"))
    assert (root / ".tunesmith" / ".gitignore").read_text() == "runs/\n"


def test_where_the_workspace_cannot_hold_it_the_run_moves(tmp_path: Path, root: Path) -> None:
    (root / ".tunesmith").write_text("a file stands in the way")
    places = run_places(root, tmp_path / "state")
    folder = create_run_folder("20260101-000000-aaaa", places)
    assert folder.path == places.outside / "20260101-000000-aaaa"
    assert folder.path.is_relative_to(tmp_path / "state")
    assert folder.moved_because
    assert places.find("20260101-000000-aaaa") == folder.path


def test_a_network_mount_makes_it_move(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.server.runs.folders.find_shared_mount", lambda _: "/mnt is a network mount (nfs4)")
    folder = create_run_folder("a", run_places(root, tmp_path / "state"))
    assert folder.moved_because == "/mnt is a network mount (nfs4)"
    assert not (root / ".tunesmith").exists()


def test_a_file_system_without_write_ahead_log_makes_it_move(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RunStore.open

    def without_wal(run_dir: Path) -> RunStore:
        if run_dir.is_relative_to(root):
            real(run_dir).close()
            raise StoreUnwritable(run_dir, "this file system cannot hold a write-ahead log")
        return real(run_dir)

    monkeypatch.setattr(RunStore, "open", without_wal)
    places = run_places(root, tmp_path / "state")
    folder = create_run_folder("a", places)
    assert folder.path == places.outside / "a"
    assert not (places.inside / "a").exists()  # or it would look like a run


def test_nowhere_to_write(tmp_path: Path, root: Path) -> None:
    (root / ".tunesmith").write_text("")
    (tmp_path / "state").write_text("")
    with pytest.raises(StoreUnwritable):
        create_run_folder("a", run_places(root, tmp_path / "state"))


def test_roots_of_one_name_do_not_share_a_state_folder(tmp_path: Path) -> None:
    one, two = (run_places(tmp_path / side / "app", tmp_path / "state").outside for side in ("one", "two"))
    assert one != two
    assert one.name.startswith("app-")


@pytest.mark.parametrize("run_id", ["", ".", "..", "../../etc", "a/b", "/etc", "absent"])
def test_an_id_is_a_plain_name_of_a_folder_that_exists(run_id: str, tmp_path: Path, root: Path) -> None:
    places = run_places(root, tmp_path / "state")
    places.inside.mkdir(parents=True)
    assert places.find(run_id) is None


def test_ids_sort_by_time_and_differ() -> None:
    ids = {new_run_id() for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch(r"\d{8}-\d{6}-[2-9a-z]{4}", run_id) for run_id in ids)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/app", None),
        ("/home/me/remote/app", "/home/me/remote is a network mount (fuse.sshfs)"),
        ("/home/me/remotely", None),
        ("/mnt/team share/app", "/mnt/team share is a network mount (cifs)"),
        ("/mnt/team share/local/app", None),
    ],
)
def test_network_mounts_are_told_by_the_deepest_mount_point(path: str, kind: str | None, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\n"
        "me@host: /home/me/remote fuse.sshfs rw 0 0\n"
        "//nas/team /mnt/team\\040share cifs rw 0 0\n"
        "/dev/sdb1 /mnt/team\\040share/local xfs rw 0 0\n"
        "odd line\n"
    )
    assert find_shared_mount(Path(path), mounts) == kind


def test_owned_while_a_store_is_open(tmp_path: Path) -> None:
    assert not is_owned(tmp_path)
    with RunStore.open(tmp_path):
        assert is_owned(tmp_path)
    assert not is_owned(tmp_path)
