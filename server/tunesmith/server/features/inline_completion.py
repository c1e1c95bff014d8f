"""`textDocument/inlineCompletion`: what a run found, as the text to go on with at the cursor.

Inside a signature's docstring that is its instruction; on the empty line after a predictor or a program, its demos.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits import (
    Refusal,
    TextEdit,
    changes_since,
    complete_instruction,
    complete_predictor_demos,
    complete_program_demos,
    predictor_states,
    read_state,
)
from tunesmith.server.index import ResolvedPredictor, Span
from tunesmith.server.offers import Snapshot, find_applied
from tunesmith.server.target_discovery import FoundTarget

_SETS_STATE = re.compile(r"\s*[^\s#(]+\.(demos|signature|lm|set_lm)\b")


class Gap(Struct, frozen=True, kw_only=True):
    """A place at the cursor that a part of an artifact would fill."""

    found: FoundTarget
    artifact: ArtifactReport
    predictor: ResolvedPredictor | None
    """None: all of the program's, after its construction."""
    instruction: bool
    """The predictor's instruction rather than demos."""

    @property
    def run_id(self) -> str:
        return self.artifact.report.run_id


def find_gaps(snapshot: Snapshot, path: str, cursor: int) -> list[Gap]:
    """Quick, because it is asked on every keystroke: `fill_gap` has the last word."""
    text, facts = snapshot.index.text(path), snapshot.index.facts(path)
    if text is None or facts is None or facts.broken:
        return []
    line = text.rfind("\n", 0, cursor) + 1
    line_end = text.find("\n", cursor)
    is_empty_line = not text[line : line_end if line_end >= 0 else len(text)].strip()
    gaps: list[Gap] = []
    for found in snapshot.targets:
        artifact = snapshot.runs.of(found.target.name).artifact
        if artifact is None or artifact.students or found.program is None:
            continue  # a finetuned model is no text
        here = [*_instruction_gaps(found, artifact, path, cursor)]
        if is_empty_line and not here:
            here += _demo_gaps(snapshot, found, artifact, path, text, line)
        gaps += [gap for gap in here if _is_open(snapshot, gap)]
    return gaps


def fill_gap(snapshot: Snapshot, gap: Gap, path: str, cursor: int, program_json: str) -> TextEdit | None:
    """One edit of the cursor's line. None where the source would not then say what the artifact does.

    `program_json` is the text of the artifact's `program.json`.
    """
    state = read_state(program_json)
    states = predictor_states(state, gap.artifact.predictors) if not isinstance(state, Refusal) else None
    if states is None or (gap.predictor is not None and gap.predictor.name not in states):
        return None
    if gap.predictor is None:
        return complete_program_demos(snapshot, gap.found, states, cursor)
    if gap.instruction:
        return complete_instruction(snapshot, gap.found, gap.artifact, states, gap.predictor.name, path, cursor)
    return complete_predictor_demos(snapshot, gap.found, states, gap.predictor, cursor)


def _instruction_gaps(found: FoundTarget, artifact: ArtifactReport, path: str, cursor: int) -> Iterator[Gap]:
    told = {choice.predictor for choice in artifact.instructions}
    for predictor in found.program.predictors if found.program else ():
        signature = predictor.signature
        if predictor.name not in told or signature is None or signature.path != path:
            continue
        docstring = signature.fact.docstring_span
        if docstring is not None and docstring.start < cursor < docstring.end:
            yield Gap(found=found, artifact=artifact, predictor=predictor, instruction=True)


def _demo_gaps(
    snapshot: Snapshot, found: FoundTarget, artifact: ArtifactReport, path: str, text: str, line: int
) -> Iterator[Gap]:
    if not artifact.literal_demos:
        return
    construction = found.construction
    if construction is not None and found.construction_path == path and _may_follow(text, construction.span, line):
        yield Gap(found=found, artifact=artifact, predictor=None, instruction=False)
    shown = {demo.predictor for demo in artifact.demos}
    for predictor in found.program.predictors if found.program else ():
        is_here = predictor.path == path and predictor.name in shown and _may_follow(text, predictor.span, line)
        if is_here and not _serves_others(snapshot, found, predictor):
            yield Gap(found=found, artifact=artifact, predictor=predictor, instruction=False)


def _may_follow(text: str, span: Span, line: int) -> bool:
    """The line is the next after a statement, or after others that may set its state."""
    between = text[span.end : line].splitlines()
    return span.end < line and all(one.strip() for one in between[1:]) and all(map(_SETS_STATE.match, between[1:2]))


def _serves_others(snapshot: Snapshot, found: FoundTarget, predictor: ResolvedPredictor) -> bool:
    """Another target's program is made with it too, and this artifact says nothing of that."""
    return any(
        (one.path, one.span) == (predictor.path, predictor.span)
        for other in snapshot.targets
        if other is not found and other.construction != found.construction and other.program is not None
        for one in other.program.predictors
    )


def _is_open(snapshot: Snapshot, gap: Gap) -> bool:
    """The artifact is of this program, and its part does not stand yet."""
    predictor = gap.predictor.name if gap.predictor is not None and gap.instruction else None
    for change in changes_since(gap.artifact, gap.found.program):
        if change.kind != "instructions" or change.predictor != predictor:  # else: it is being written
            return False
    applied = find_applied(snapshot, gap.found, gap.artifact, snapshot.artifacts)
    stands = predictor in applied.instructions if predictor is not None else applied.demos
    return applied.form is None and not stands
