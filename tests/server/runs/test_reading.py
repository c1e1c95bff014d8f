"""What is read from run folders, whole ones and others."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from support.runs.search_samples import search_report
from tunesmith.protocol import Progressed, RunEvent, RunReport, RunSpec, RunStatus, StatusChanged, UserError
from tunesmith.protocol.store import RunStore
from tunesmith.server.runs.reading import ReadRun, read_detail, read_run, read_spec, read_status
from tunesmith.server.text.events import describe_progress

Specs = Callable[..., RunSpec]
ERROR = UserError(message="it broke", next_step="mend it")


def a_report(status: RunStatus = "finished", artifact: str | None = None) -> RunReport:
    return RunReport(
        run_id="r",
        status=status,
        optimizer="evaluate",
        target="other",
        baseline=None,
        tuned=None,
        gain=None,
        calls=1,
        tokens=1,
        usd=None,
        seconds=1.0,
        artifact=artifact,
    )


def write_run(run_dir: Path, *events: RunEvent, spec: RunSpec | None = None, **meta: object) -> None:
    with RunStore.open(run_dir) as store:
        if spec is not None:
            store.commit_spec(spec)
        for name, value in meta.items():
            store.commit_meta(name, value)
        for event in events:
            store.append_event(event)


def read(run_dir: Path, *, is_executing: bool = False) -> ReadRun:
    run = read_run(run_dir, is_executing=is_executing)
    assert run is not None
    return run


def test_a_summary(tmp_path: Path, a_spec: Specs) -> None:
    write_run(tmp_path / "r1", StatusChanged(status="queued"), spec=a_spec())
    summary = read(tmp_path / "r1").summary
    assert (summary.run_id, summary.run_dir) == ("r1", str(tmp_path / "r1"))
    assert (summary.target, summary.optimizer) == ("banking", "bootstrap-fewshot")
    assert (summary.status, summary.progress, summary.report, summary.error) == ("queued", "", None, None)
    with RunStore.open(tmp_path / "r1") as store:
        store.append_event(StatusChanged(status="running"))
    assert read(tmp_path / "r1").summary.created == summary.created


@pytest.mark.parametrize(
    ("status", "is_executing", "is_held", "shown"),
    [
        ("running", True, False, "running"),
        ("running", False, True, "running"),
        ("running", False, False, "interrupted"),
        ("queued", False, False, "queued"),
        ("needs credentials", False, False, "needs credentials"),
        ("finished", False, True, "finished"),
    ],
)
def test_a_run_whose_process_is_gone_is_interrupted(
    status: RunStatus, is_executing: bool, is_held: bool, shown: str, tmp_path: Path, a_spec: Specs
) -> None:
    write_run(tmp_path, StatusChanged(status=status), Progressed(phase="scoring", done=2, total=5), spec=a_spec())
    holder = RunStore.open(tmp_path) if is_held else None
    summary = read(tmp_path, is_executing=is_executing).summary
    if holder:
        holder.close()
    assert summary.status == shown
    assert summary.progress == ("scoring 2/5" if shown == "running" else "")


@pytest.mark.parametrize(
    ("status", "has_report", "has_error"),
    [
        ("finished", True, False),
        ("cancelled", True, False),
        ("failed", True, True),
        ("needs credentials", False, True),
        ("queued", False, False),
        ("interrupted", False, False),
    ],
)
def test_what_an_earlier_attempt_left_is_not_shown_of_a_resumed_run(
    status: RunStatus, has_report: bool, has_error: bool, tmp_path: Path, a_spec: Specs
) -> None:
    write_run(tmp_path, StatusChanged(status=status), spec=a_spec(), report=a_report(), error=ERROR)
    summary = read(tmp_path).summary
    assert (summary.report is not None, summary.error is not None) == (has_report, has_error)


def test_a_script_s_own_run_needs_no_order(tmp_path: Path) -> None:
    write_run(tmp_path, StatusChanged(status="finished"), report=a_report())
    assert (read(tmp_path).summary.target, read(tmp_path).summary.optimizer) == ("other", "evaluate")
    assert read_spec(tmp_path) is None


def test_what_a_search_learnt_is_read_while_it_goes_on(tmp_path: Path, a_spec: Specs) -> None:
    write_run(tmp_path, StatusChanged(status="running"), spec=a_spec(optimizer="mipro-v2"))
    assert read_detail(read(tmp_path, is_executing=True), tmp_path, None).search is None
    write_run(tmp_path, search=search_report(batches=3))
    write_run(tmp_path, search=search_report(batches=4))
    assert read_detail(read(tmp_path, is_executing=True), tmp_path, None).search == search_report(batches=4)


def _nothing(run_dir: Path) -> None:
    run_dir.rmdir()


def _no_database(run_dir: Path) -> None:
    (run_dir / "run.sqlite").write_bytes(b"no database" * 1000)


def _no_tables(run_dir: Path) -> None:
    sqlite3.connect(run_dir / "run.sqlite").close()


def _no_rows(run_dir: Path) -> None:
    RunStore.open(run_dir).close()


def _no_status(run_dir: Path) -> None:
    write_run(run_dir, Progressed(phase="p", done=0, total=None), report=a_report())


def _odd_rows(run_dir: Path) -> None:
    write_run(run_dir, StatusChanged(status="queued"), spec=None, report={"from": "another version"})


def _a_folder_in_the_way(run_dir: Path) -> None:
    (run_dir / "run.sqlite").mkdir()


@pytest.mark.parametrize(
    "spoil", [_nothing, _no_database, _no_tables, _no_rows, _no_status, _odd_rows, _a_folder_in_the_way]
)
def test_a_folder_that_is_no_run_is_left_out(spoil: Callable[[Path], None], tmp_path: Path) -> None:
    run_dir = tmp_path / "r"
    run_dir.mkdir()
    spoil(run_dir)
    assert read_run(run_dir, is_executing=False) is None
    assert read_status(run_dir) in (None, "queued")
    assert read_spec(run_dir) is None


def test_an_artifact_s_report_that_cannot_be_read_is_left_out(tmp_path: Path, a_spec: Specs) -> None:
    write_run(tmp_path, StatusChanged(status="finished"), spec=a_spec(), report=a_report())
    (tmp_path / "report.json").write_text("{half")
    assert read(tmp_path).artifact is None


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progressed(phase="scoring", done=3, total=9), "scoring 3/9"),
        (Progressed(phase="bootstrapping", done=3, total=None), "bootstrapping 3"),
        (Progressed(phase="scoring", done=3, total=9, text="71 %"), "scoring 3/9: 71 %"),
    ],
)
def test_progress_in_a_few_words(progress: Progressed, text: str) -> None:
    assert describe_progress(progress) == text
