"""The run store among processes: what a kill costs, who may write, who may read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tunesmith.protocol import RunOwned, StoreUnwritable
from tunesmith.protocol.store import RunStore, open_reader

WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tunesmith.protocol import Warned
from tunesmith.protocol.store import RunStore

store = RunStore.open(Path(sys.argv[1]))

def commit(number):
    store.commit_meta(f"row {number}", number)
    record = store.append_event(Warned(message=str(number)))
    sys.stdout.write(f"{number} {record.seq}\\n")  # said only once it is committed
    sys.stdout.flush()

with ThreadPoolExecutor(4) as threads:
    list(threads.map(commit, range(1_000_000)))
"""


@contextmanager
def a_writer(run_dir: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(run_dir)], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def acknowledged(process: subprocess.Popen[str], count: int) -> list[tuple[int, int]]:
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(count)]
    return [(int(number), int(seq)) for number, seq in (line.split() for line in lines)]


@pytest.mark.faults
@pytest.mark.parametrize("rows", [1, 7, 150])
def test_everything_acknowledged_survives_kill_9(tmp_path: Path, rows: int) -> None:
    with a_writer(tmp_path) as process:
        told = acknowledged(process, rows)
        process.kill()
        rest = process.stdout.read() if process.stdout else ""
    complete = rest[: rest.rfind("\n") + 1]
    told += [(int(number), int(seq)) for number, seq in (line.split() for line in complete.splitlines())]
    with RunStore.open(tmp_path) as store:  # the lock died with its process
        assert store.kept_aside is None
        for number, _ in told:
            assert store.meta(f"row {number}", int) == number
    with open_reader(tmp_path) as reader:
        events = {record.seq: record for record in reader.events()}
    assert sorted(events) == list(range(1, len(events) + 1))
    assert all(seq in events for _, seq in told)


def test_a_reader_sees_committed_rows_while_another_process_writes(tmp_path: Path) -> None:
    with a_writer(tmp_path) as process:
        seen = 0
        for _ in range(5):
            ((number, seq),) = acknowledged(process, 1)
            with open_reader(tmp_path) as reader:
                assert reader.meta(f"row {number}", int) == number
                events = reader.events(after=seen)
            assert [record.seq for record in events] == list(range(seen + 1, seen + 1 + len(events)))
            seen += len(events)
            assert seen >= seq


def test_another_process_owns_its_run(tmp_path: Path) -> None:
    with a_writer(tmp_path) as process:
        acknowledged(process, 1)
        with pytest.raises(RunOwned):
            RunStore.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnwritable, match="Not a directory"):
        RunStore.open(tmp_path / "file" / "run")


def test_a_read_only_folder_can_be_read_and_not_written(tmp_path: Path) -> None:
    with RunStore.open(tmp_path) as store:
        store.commit_meta("k", 1)
    (tmp_path / "run.lock").unlink()
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("permissions do not bind this user")
        with pytest.raises(StoreUnwritable, match="Permission denied"):
            RunStore.open(tmp_path)
        with open_reader(tmp_path) as reader:
            assert reader.meta("k", int) == 1
    finally:
        tmp_path.chmod(0o755)
