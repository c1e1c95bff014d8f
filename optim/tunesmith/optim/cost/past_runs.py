"""What the last finished run of a target took: calls, tokens and time, from its store."""

import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from tunesmith.protocol import BASELINE, LmCall, StoreUnreadable
from tunesmith.protocol.store import RunReader, open_reader

LOOKED_AT = 50
"""Folders at most, the newest first."""

logger = logging.getLogger(__name__)


class PastRun(Struct, frozen=True, kw_only=True):
    """What one run took, for the program as it came where nothing else is said."""

    run_id: str
    calls_per_program: float
    prompt_tokens: float | None
    """Of one run of the program as it came; None where the model did not say."""
    completion_tokens: float | None
    models: frozenset[str]
    seconds_per_call: float | None
    """Of the clock, with as many at a time as it had; None where it paid for no call."""
    baseline: float | None
    """The mean score of the program as it came."""


def find_past_run(run_dir: Path, target: str) -> PastRun | None:
    """The newest finished run of the target beside `run_dir` that called a model. Runs that only estimated do not
    count; what cannot be read is passed over."""
    for folder in _newest_first(run_dir):
        try:
            with open_reader(folder) as reader:
                found = _read(folder.name, reader, target)
        except (OSError, StoreUnreadable, msgspec.MsgspecError) as error:
            logger.info("%s is passed over: %s", folder, error)
            continue
        if found is not None:
            return found
    return None


def _newest_first(run_dir: Path) -> Iterator[Path]:
    """A run's id begins with its time."""
    try:
        folders = sorted((folder for folder in run_dir.parent.iterdir() if folder.is_dir()), reverse=True)
    except OSError:
        return
    yield from [folder for folder in folders if folder.name != run_dir.name][:LOOKED_AT]


def _read(run_id: str, reader: RunReader, target: str) -> PastRun | None:
    spec, status = reader.spec(), reader.status()
    if spec is None or spec.target.name != target or spec.estimate_only:
        return None
    if status is None or status.status != "finished":
        return None
    rollouts = {rollout.key for rollout in reader.rollouts(candidate=BASELINE)}
    calls = [call for call in reader.calls() if call.rollout in rollouts]
    if not calls:
        return None
    totals, report = reader.totals(), reader.report()
    return PastRun(
        run_id=run_id,
        calls_per_program=len(calls) / len(rollouts),
        prompt_tokens=_told([call.prompt_tokens for call in calls], len(rollouts)),
        completion_tokens=_told([call.completion_tokens for call in calls], len(rollouts)),
        models=_models(calls),
        seconds_per_call=reader.active_seconds() / totals.calls if totals.calls else None,
        baseline=report.baseline.score if report is not None and report.baseline is not None else None,
    )


def _models(calls: list[LmCall]) -> frozenset[str]:
    return frozenset(call.model for call in calls)


def _told(tokens: list[int], rollouts: int) -> float | None:
    """A model that says nothing of its usage is recorded with zeros."""
    return sum(tokens) / rollouts if any(tokens) else None
