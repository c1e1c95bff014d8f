"""What a run folder says. A folder that is corrupt, or not yet a run, is logged and left out."""

import logging
from pathlib import Path

import msgspec
from msgspec import Struct

from tunesmith.protocol import (
    FINAL_STATUSES,
    ArtifactReport,
    EventRecord,
    RunSpec,
    RunStatus,
    RunSummary,
    StoreUnreadable,
    decode,
)
from tunesmith.protocol.folder_layout import REPORT_FILE
from tunesmith.protocol.session_messages import RunDetail
from tunesmith.protocol.store import RunReader, open_reader
from tunesmith.server.runs.folders import is_owned
from tunesmith.server.text import describe_progress

logger = logging.getLogger(__name__)

UNREADABLE = (OSError, StoreUnreadable, msgspec.MsgspecError, UnicodeDecodeError)
"""What reading a folder that others write, move and delete may raise."""


class ReadRun(Struct, frozen=True, kw_only=True):
    """A run as its folder has it."""

    summary: RunSummary
    artifact: ArtifactReport | None
    is_estimate: bool = False
    """It was only to say what a run would cost: no list and no score counts it."""


def read_run(run_dir: Path, *, is_executing: bool) -> ReadRun | None:
    """None where the folder is no readable run. `is_executing`: this daemon has a worker on it."""
    try:
        with open_reader(run_dir) as reader:
            spec = reader.spec()
            summary = _summarize(run_dir, reader, spec, is_executing=is_executing)
    except UNREADABLE as error:
        logger.info("%s is left out: %s", run_dir, error)
        return None
    if summary is None:
        logger.info("%s is left out: it holds no run yet", run_dir)
        return None
    return ReadRun(
        summary=summary,
        artifact=_read_artifact(run_dir) if summary.report else None,
        is_estimate=spec is not None and spec.estimate_only,
    )


def read_status(run_dir: Path) -> RunStatus | None:
    """The last status anyone wrote down; None where there is none or it cannot be read."""
    try:
        with open_reader(run_dir) as reader:
            last = reader.status()
    except UNREADABLE as error:
        logger.info("%s: its status cannot be read: %s", run_dir, error)
        return None
    return last.status if last else None


def read_spec(run_dir: Path) -> RunSpec | None:
    """What the run was ordered to do; None where that cannot be read."""
    try:
        with open_reader(run_dir) as reader:
            return reader.spec()
    except UNREADABLE as error:
        logger.info("%s: its order cannot be read: %s", run_dir, error)
        return None


def read_events(run_dir: Path, after: int) -> list[EventRecord]:
    """Raises `OSError` or `StoreUnreadable` where the store cannot be read."""
    with open_reader(run_dir) as reader:
        return reader.events(after=after)


def read_detail(run: ReadRun, run_dir: Path, example: int | None) -> RunDetail:
    """Rollouts and their calls only for the example asked for: a whole run's do not fit a message. What a search
    learnt is there during the run too, as of its last batch.

    Raises `OSError` or `StoreUnreadable` where the store cannot be read.
    """
    with open_reader(run_dir) as reader:
        rollouts = [] if example is None else reader.rollouts(index=example)
        return RunDetail(
            summary=run.summary,
            artifact=run.artifact,
            candidates=reader.candidates(),
            events=reader.events(),
            rollouts=rollouts,
            calls=[call for rollout in rollouts for call in reader.calls(rollout=rollout.key)],
            search=reader.search(),
        )


def _summarize(run_dir: Path, reader: RunReader, spec: RunSpec | None, *, is_executing: bool) -> RunSummary | None:
    report, last = reader.report(), reader.status()
    first = reader.events(limit=1)
    if last is None or not first or (spec is None and report is None):
        return None
    status = last.status
    if status == "running" and not is_executing and not is_owned(run_dir):
        status = "interrupted"
    progress = reader.progress() if status == "running" else None
    return RunSummary(
        run_id=run_dir.name,
        run_dir=str(run_dir),
        target=spec.target.name if spec else report.target if report else "",
        optimizer=spec.optimizer if spec else report.optimizer if report else "",
        status=status,
        created=first[0].time,
        progress=describe_progress(progress) if progress else "",
        # What an earlier attempt left must not be taken for the outcome of a resumed one.
        report=report if status in FINAL_STATUSES else None,
        error=reader.error() if status in ("failed", "needs credentials") else None,
    )


def _read_artifact(run_dir: Path) -> ArtifactReport | None:
    path = run_dir / REPORT_FILE
    try:
        return decode(path.read_bytes(), ArtifactReport)
    except FileNotFoundError:
        return None
    except UNREADABLE as error:
        logger.warning("%s cannot be read: %s", path, error)
        return None
