"""Where runs lie: `.tunesmith/runs/ID/` in the workspace, or the user's state folder where that cannot work."""

import hashlib
import os
import secrets
import sys
import time
from pathlib import Path, PurePosixPath

from msgspec import Struct

from tunesmith.protocol import StoreUnwritable
from tunesmith.protocol.folder_layout import LOCK_FILE, RUNS_FOLDER, WORKSPACE_FOLDER
from tunesmith.protocol.store import RunStore

SHARED_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "glusterfs"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.davfs"}
)
"""A write-ahead log needs memory shared by all its readers, and locks that work (sqlite.org/wal.html)."""


class RunFolder(Struct, frozen=True, kw_only=True):
    """A new run's folder."""

    path: Path
    moved_because: str | None
    """Why it does not lie in the workspace."""


class RunPlaces(Struct, frozen=True, kw_only=True):
    """The two folders that may hold runs of a workspace."""

    inside: Path
    outside: Path

    def all(self) -> tuple[Path, Path]:
        """The workspace's first."""
        return self.inside, self.outside

    def find(self, run_id: str) -> Path | None:
        """The folder of a run; None where there is none, or where the id is no plain name."""
        if not run_id or run_id != Path(run_id).name or run_id in {".", ".."}:
            return None
        return next((place / run_id for place in self.all() if (place / run_id).is_dir()), None)


def run_places(root: Path, state_dir: Path) -> RunPlaces:
    """Where a root's runs may lie. The folder in `state_dir` is named after the root's real path."""
    real = os.path.realpath(root)
    digest = hashlib.sha256(real.encode()).hexdigest()[:12]
    return RunPlaces(
        inside=root / WORKSPACE_FOLDER / RUNS_FOLDER,
        outside=state_dir / RUNS_FOLDER / f"{Path(real).name or 'root'}-{digest}",
    )


def new_run_id() -> str:
    """Sorts by time: `20261123-101530-k3f9`."""
    letters = "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(4))
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{letters}"


def create_run_folder(run_id: str, places: RunPlaces) -> RunFolder:
    """Make the run's folder where its store can work; the store is created by way of trying.

    Raises `StoreUnwritable` where neither place can hold it.
    """
    reason = find_shared_mount(places.inside)
    if reason is None:
        try:
            _ignore_in_git(places.inside.parent)
            _try_store(places.inside / run_id)
        except (OSError, StoreUnwritable) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else "its folder cannot be written"
            _remove_empty(places.inside / run_id)
        else:
            return RunFolder(path=places.inside / run_id, moved_because=None)
    _try_store(places.outside / run_id)
    return RunFolder(path=places.outside / run_id, moved_because=reason)


def is_owned(run_dir: Path) -> bool:
    """Whether a living process executes the run."""
    lock_file = run_dir / LOCK_FILE
    if not lock_file.exists():
        return False
    import filelock  # few daemons ever ask; its import is a tenth of their start

    lock = filelock.FileLock(lock_file)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        return True
    except OSError:  # a folder nobody can write has no writer
        return False
    lock.release()
    return False


def find_shared_mount(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """A sentence part where `path` lies on a network mount (Linux only), else None."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    wanted = PurePosixPath(os.path.realpath(path))
    deepest, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount_point = fields[1].replace("\\040", " ")
        if len(mount_point) >= len(deepest) and wanted.is_relative_to(mount_point):
            deepest, kind = mount_point, fields[2]
    return f"{deepest} is a network mount ({kind})" if kind in SHARED_FILE_SYSTEMS else None


def _try_store(run_dir: Path) -> None:
    RunStore.open(run_dir).close()


def _ignore_in_git(tunesmith_dir: Path) -> None:
    tunesmith_dir.mkdir(parents=True, exist_ok=True)
    ignore = tunesmith_dir / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _remove_empty(run_dir: Path) -> None:
    """What a failed attempt left behind would look like a run."""
    try:
        for leftover in run_dir.iterdir():
            leftover.unlink()
        run_dir.rmdir()
    except OSError:
        return
