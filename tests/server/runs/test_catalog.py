"""The catalog reads what changed, and nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest

from tunesmith.protocol import (
    EventRecord,
    Progressed,
    RunEvent,
    RunReport,
    RunSpec,
    RunStatus,
    StatusChanged,
    TrainingStep,
)
from tunesmith.protocol.store import RunStore
from tunesmith.server.runs import catalog as catalog_module
from tunesmith.server.runs.catalog import RunCatalog
from tunesmith.server.runs.reading import read_run

Specs = Callable[..., RunSpec]


class Runs:
    """Run folders written as a worker would, and the catalog over them, with the reads it made."""

    def __init__(self, root: Path, state_dir: Path, a_spec: Specs, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.executing: set[str] = set()
        self.catalog = RunCatalog(state_dir, lambda run_id: run_id in self.executing)
        self.reads: list[str] = []
        self._a_spec = a_spec

        def counting(run_dir: Path, *, is_executing: bool) -> object:
            self.reads.append(run_dir.name)
            return read_run(run_dir, is_executing=is_executing)

        monkeypatch.setattr(catalog_module, "read_run", counting)

    def write(self, run_id: str, *statuses: RunStatus, ships: bool = False, **spec: object) -> None:
        run_dir = self.catalog.places(self.root).inside / run_id
        with RunStore.open(run_dir) as store:
            order = self._a_spec(run_id, **spec)
            store.commit_spec(order)
            if "finished" in statuses:
                artifact = str(run_dir / "program.json") if ships else None
                store.commit_report(a_report(order, artifact))
            for status in statuses:
                store.append_event(StatusChanged(status=status))

    def read_since(self) -> list[str]:
        reads, self.reads = sorted(self.reads), []
        return reads


def a_report(spec: RunSpec, artifact: str | None) -> RunReport:
    return RunReport(
        run_id=spec.run_id,
        status="finished",
        optimizer=spec.optimizer,
        target=spec.target.name,
        baseline=None,
        tuned=None,
        gain=None,
        calls=1,
        tokens=1,
        usd=None,
        seconds=1.0,
        artifact=artifact,
    )


@pytest.fixture
def runs(root: Path, tmp_path: Path, a_spec: Specs, monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(root, tmp_path / "state", a_spec, monkeypatch)


def test_a_list_is_newest_first_from_both_places(runs: Runs, root: Path) -> None:
    runs.write("20260101-000000-aaaa", "finished")
    runs.write("20260101-000000-bbbb", "finished")
    places = runs.catalog.places(root)
    shutil.move(places.inside / "20260101-000000-aaaa", places.outside / "20260101-000000-aaaa")
    (places.inside / "half-made").mkdir()
    assert [one.run_id for one in runs.catalog.summaries(root)] == ["20260101-000000-bbbb", "20260101-000000-aaaa"]


def test_a_snapshot_without_changes_is_the_same_object_and_reads_nothing(runs: Runs, root: Path) -> None:
    runs.write("a", "finished")
    runs.write("b", "queued")
    first = runs.catalog.snapshot(root)
    assert runs.read_since() == ["a", "b"]
    assert runs.catalog.snapshot(root) is first
    assert runs.read_since() == []


def test_a_list_reads_only_what_changed(runs: Runs, root: Path) -> None:
    runs.write("a", "finished")
    runs.write("b", "queued")
    runs.catalog.summaries(root)
    runs.read_since()
    runs.write("b", "cancelled")
    assert [one.status for one in runs.catalog.summaries(root)] == ["cancelled", "finished"]
    assert runs.read_since() == ["b"]


def test_a_snapshot_notices_new_and_deleted_folders(runs: Runs, root: Path) -> None:
    assert runs.catalog.snapshot(root).targets == {}
    runs.write("a", "finished")
    assert runs.catalog.snapshot(root).of("banking").evaluated is not None
    shutil.rmtree(runs.catalog.places(root).inside / "a")
    assert runs.catalog.snapshot(root).of("banking").evaluated is None


def test_a_snapshot_notices_that_another_process_was_killed(runs: Runs, root: Path) -> None:
    runs.write("a", "running")
    # The lock alone: a kill changes no file.
    lock = filelock.FileLock(runs.catalog.places(root).inside / "a" / "run.lock")
    lock.acquire()
    running = runs.catalog.snapshot(root).of("banking").running
    assert running is not None
    assert running.status == "running"
    lock.release()
    assert runs.catalog.snapshot(root).of("banking").running is None
    assert runs.catalog.summaries(root)[0].status == "interrupted"


TRAINING = TrainingStep(student="sort", step=3, steps=9, loss=0.5, tokens_per_second=1.0, peak_bytes=1, eta_seconds=1.0)


def test_events_this_daemon_hears_of_change_the_snapshot(runs: Runs, root: Path) -> None:
    def commit(event: RunEvent) -> EventRecord:
        with RunStore.open(runs.catalog.places(root).inside / "a") as store:
            record = store.append_event(event)
        runs.catalog.note(root, "a", event)
        return record

    runs.write("a", "queued")
    queued = runs.catalog.snapshot(root).of("banking").running
    assert queued is not None
    runs.executing.add("a")
    commit(StatusChanged(status="running"))
    assert runs.catalog.snapshot(root).of("banking").running != queued
    runs.read_since()
    commit(Progressed(phase="scoring", done=1, total=2))
    running = runs.catalog.snapshot(root).of("banking").running
    assert running is not None
    assert running.progress == "scoring 1/2"
    commit(TRAINING)
    training = runs.catalog.snapshot(root).of("banking").running
    assert training is not None
    assert training.progress == "training sort 3/9: loss 0.500"
    assert runs.read_since() == []  # told, not read
    runs.executing.clear()
    commit(StatusChanged(status="cancelled"))
    assert runs.catalog.snapshot(root).of("banking").running is None


def test_what_an_editor_shows_of_many_runs(runs: Runs, root: Path) -> None:
    runs.write("1-tuned", "finished", ships=True)
    runs.write("2-no-gain", "finished")
    runs.write("3-evaluated", "finished", optimizer="evaluate")
    runs.write("4-failed", "failed")
    runs.write("5-running", "running")
    runs.write("6-queued", "queued")
    runs.executing.add("5-running")
    shown = runs.catalog.snapshot(root).of("banking")
    assert (shown.running and shown.running.run_id) == "5-running"
    assert (shown.evaluated and shown.evaluated.run_id) == "3-evaluated"
    assert (shown.tuned and shown.tuned.run_id) == "1-tuned"
    assert runs.catalog.snapshot(root).of("another target").running is None


def test_a_root_by_another_name_is_the_same_root(runs: Runs, root: Path, tmp_path: Path) -> None:
    runs.write("a", "finished")
    (tmp_path / "link").symlink_to(root)
    assert runs.catalog.snapshot(tmp_path / "link") is runs.catalog.snapshot(root)
