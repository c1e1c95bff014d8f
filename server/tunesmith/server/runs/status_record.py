"""Writing a run's status into its folder, while no worker has it."""

import logging
import time
from pathlib import Path

from tunesmith.protocol import EventRecord, RunEvent, RunSpec, RunStatus, StatusChanged, StoreError, Warned
from tunesmith.protocol.store import RunStore
from tunesmith.protocol.worker_messages import RunOutcome
from tunesmith.server.runs.reading import UNREADABLE, read_events

logger = logging.getLogger(__name__)


def record_order(spec: RunSpec, *, reason: str, warning: str | None) -> list[EventRecord]:
    """The first rows of a new run. Raises `StoreUnwritable`."""
    with RunStore.open(Path(spec.run_dir)) as store:
        store.commit_spec(spec)
        records = [store.append_event(StatusChanged(status="queued", reason=reason))]
        if warning is not None:
            records.append(store.append_event(Warned(message=warning)))
    return records


def record_status(run_dir: Path, status: RunStatus, reason: str | None) -> EventRecord:
    """Write a status down. Where the folder cannot be written, that is logged; the event is returned all the same."""
    event = StatusChanged(status=status, reason=reason)
    try:
        with RunStore.open(run_dir) as store:
            return store.append_event(event)
    except StoreError as error:
        logger.warning("%s: status %s could not be written: %s", run_dir, status, error)
        return _unwritten(run_dir, event)


def record_outcome(run_dir: Path, outcome: RunOutcome, reason: str | None) -> EventRecord | None:
    """Complete what the worker wrote before it ended. None where its last status is the outcome's already."""
    event = StatusChanged(status=outcome.status, reason=reason)
    try:
        with RunStore.open(run_dir) as store:
            if outcome.report is not None:
                store.commit_report(outcome.report)
            if outcome.error is not None:
                store.commit_error(outcome.error)
            last = store.status()
            return None if last is not None and last.status == outcome.status else store.append_event(event)
    except StoreError as error:
        logger.warning("%s: outcome %s could not be written: %s", run_dir, outcome.status, error)
        return _unwritten(run_dir, event)


def _unwritten(run_dir: Path, event: RunEvent) -> EventRecord:
    """Numbered as the next event would be, so that followers take it for news."""
    try:
        last = len(read_events(run_dir, after=0))
    except UNREADABLE:
        last = 0
    return EventRecord(seq=last + 1, time=time.time(), event=event)
