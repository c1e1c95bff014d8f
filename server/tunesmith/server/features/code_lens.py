"""`textDocument/codeLens`: tune, evaluate, the last score, and what runs now, above each target."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.protocol import RunSummary
from tunesmith.server.index import Span
from tunesmith.server.offers import Snapshot
from tunesmith.server.runs import TargetRuns
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.text import choose_shown_score, describe_age, describe_score


class Lens(Struct, frozen=True, kw_only=True):
    """A line above a line, and the command it runs (LSP, `CodeLens`)."""

    span: Span
    """Empty: where a line starts."""
    title: str
    command: str
    arguments: list[dict[str, Any]]
    """One object, for `workspace/executeCommand`."""


def code_lenses(snapshot: Snapshot, path: str, now: float) -> list[Lens]:
    """The lenses of one file, in its order. `now`: seconds since the epoch.

    They stand on `compile` calls and on the programs of targets; a module no target uses has nothing to be tuned
    with, and gets none. Where targets share a place, titles name the target.
    """
    by_span: dict[Span, list[FoundTarget]] = {}
    for found in snapshot.targets:
        for span in _spans_in(found, path):
            by_span.setdefault(span, []).append(found)
    return [
        Lens(span=span, title=title, command=command, arguments=[{"root": str(snapshot.root), **argument}])
        for span, targets in sorted(by_span.items(), key=lambda item: item[0].start)
        for found in targets
        for title, command, argument in _row(
            found.target.name, snapshot.runs.of(found.target.name), now, named=len(targets) > 1
        )
    ]


def _spans_in(found: FoundTarget, path: str) -> Iterator[Span]:
    """The target's anchor, and its program's definition where that stands elsewhere."""
    if found.path == path:
        yield _head(found.anchor)
    program = found.program
    if program is not None and program.path == path:
        same_line = found.path == path and program.span.line == found.anchor.line
        if not same_line:
            yield _head(program.span)


def _head(span: Span) -> Span:
    """Where a span starts: a lens stands above one line."""
    return msgspec.structs.replace(span, end=span.start, end_line=span.line, end_column=span.column)


def _row(target: str, runs: TargetRuns, now: float, *, named: bool) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Title, command and argument of each lens of one target, left to right."""
    suffix = f" {target}" if named else ""
    if runs.running is not None:
        run = {"target": target, "run_id": runs.running.run_id}
        yield f"{_progress(runs.running)}{suffix}", "tunesmith.showRun", run
        yield f"Cancel{suffix}", "tunesmith.cancel", run
    else:
        yield f"Tune{suffix}", "tunesmith.tune", {"target": target}
        yield f"Evaluate{suffix}", "tunesmith.evaluate", {"target": target}
    if runs.evaluated is not None and (title := _last_score(runs.evaluated, now)):
        yield title, "tunesmith.showRun", {"target": target, "run_id": runs.evaluated.run_id}


def _progress(run: RunSummary) -> str:
    return run.progress if run.status == "running" and run.progress else run.status


def _last_score(run: RunSummary, now: float) -> str | None:
    """`82 % ±6 (n=80), confirmed, 2 h ago`; the age counts from the run's end."""
    shown = choose_shown_score(run.report) if run.report else None
    if run.report is None or shown is None:
        return None
    score, verdict = shown
    age = describe_age(now - run.created - run.report.seconds)
    return ", ".join([describe_score(score), *([verdict] if verdict else []), age])
