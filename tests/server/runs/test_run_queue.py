"""The daemon's queue on disk."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tunesmith.protocol import RunSpec
from tunesmith.server.errors import StateOwned, StateUnwritable
from tunesmith.server.runs.run_queue import QueuedRun, RunQueue

Specs = Callable[..., RunSpec]


def statuses(queue: RunQueue) -> list[tuple[str, str]]:
    return [(run.spec.run_id, run.status) for run in queue.rows()]


def test_runs_keep_their_place_whatever_becomes_of_them(tmp_path: Path, a_spec: Specs) -> None:
    queue = RunQueue.open(tmp_path)
    for run_id in ("b", "a", "c"):
        queue.put(QueuedRun(spec=a_spec(run_id), status="queued"))
    queue.put(QueuedRun(spec=a_spec("b"), status="running"))
    queue.remove("a")
    queue.close()
    again = RunQueue.open(tmp_path)
    assert statuses(again) == [("b", "running"), ("c", "queued")]
    assert again.rows()[0].spec == a_spec("b")
    again.close()


def test_one_daemon_at_a_time(tmp_path: Path) -> None:
    queue = RunQueue.open(tmp_path)
    with pytest.raises(StateOwned, match="Another tunesmith daemon"):
        RunQueue.open(tmp_path)
    queue.close()
    RunQueue.open(tmp_path).close()


def test_a_state_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file stands in the way")
    with pytest.raises(StateUnwritable, match="cannot be written"):
        RunQueue.open(tmp_path / "state")
    (tmp_path / "queue.sqlite").mkdir()
    for _ in range(2):  # and the lock is let go
        with pytest.raises(StateUnwritable, match="unable to open database file"):
            RunQueue.open(tmp_path)


def test_a_corrupt_queue_is_kept_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "queue.sqlite").write_bytes(b"no database" * 1000)
    queue = RunQueue.open(tmp_path)
    assert statuses(queue) == []
    queue.close()
    (aside,) = tmp_path.glob("queue.corrupt-*.sqlite")
    assert aside.read_bytes().startswith(b"no database")
    assert str(aside) in caplog.text


def test_a_row_of_another_version_is_left_out(tmp_path: Path, a_spec: Specs) -> None:
    queue = RunQueue.open(tmp_path)
    queue.put(QueuedRun(spec=a_spec("good"), status="queued"))
    queue.put(QueuedRun(spec=a_spec("odd"), status="queued"))
    queue._connection.execute("UPDATE runs SET status = 'levitating' WHERE run_id = 'odd'")
    queue._connection.execute("INSERT INTO runs (run_id, status, spec) VALUES ('old', 'queued', '{}')")
    assert statuses(queue) == [("good", "queued")]
    queue.close()


def test_the_environment_is_nowhere_in_a_row() -> None:
    assert not any("environment" in field.name for field in msgspec.structs.fields(RunSpec))
    assert {field.name for field in msgspec.structs.fields(QueuedRun)} == {"spec", "status"}
