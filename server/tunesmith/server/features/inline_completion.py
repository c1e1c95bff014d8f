"""`textDocument/inlineCompletion`: what a run found, as the text to go on with at the cursor.

Inside a signature's docstring that is its instruction; on the empty line after a predictor or a program, its demos.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from tunesmith.server.edits import (
    Refusal,
    TextEdit,
    complete_instruction,
    complete_predictor_demos,
    complete_program_demos,
    predictor_states,
    read_state,
)
from tunesmith.server.index import ResolvedPredictor, Span
from tunesmith.server.offers import Offer, Snapshot
from tunesmith.server.target_discovery import FoundTarget

_SETS_STATE = re.compile(r"\s*[^\s#(]+\.(demos|signature|lm|set_lm)\b")


class Gap(Struct, frozen=True, kw_only=True):
    """A place at the cursor that a part of an offer would fill."""

    offer: Offer
    predictor: ResolvedPredictor | None
    """None: all of the program's, after its construction."""
    instruction: bool
    """The predictor's instruction rather than demos."""


def find_gaps(snapshot: Snapshot, path: str, cursor: int) -> list[Gap]:
    """Quick, because it is asked on every keystroke: `fill_gap` has the last word."""
    text, facts = snapshot.index.text(path), snapshot.index.facts(path)
    if text is None or facts is None or facts.broken:
        return []
    line = text.rfind("\n", 0, cursor) + 1
    line_end = text.find("\n", cursor)
    is_empty_line = not text[line : line_end if line_end >= 0 else len(text)].strip()
    gaps: list[Gap] = []
    for offer in snapshot.offers:
        if offer.artifact.students or offer.found.program is None:
            continue  # a finetuned model is no text
        here = [*_instruction_gaps(offer, path, cursor)]
        if is_empty_line and not here:
            here += _demo_gaps(snapshot, offer, path, text, line)
        gaps += filter(_is_open, here)
    return gaps


def fill_gap(gap: Gap, path: str, cursor: int, program_json: str) -> TextEdit | None:
    """One edit of the cursor's line. None where the source would not then say what the artifact does.

    `program_json` is the text of the artifact's `program.json`.
    """
    workspace, found, artifact = gap.offer.workspace, gap.offer.found, gap.offer.artifact
    state = read_state(program_json)
    states = predictor_states(state, artifact.predictors) if not isinstance(state, Refusal) else None
    if states is None or (gap.predictor is not None and gap.predictor.name not in states):
        return None
    if gap.predictor is None:
        return complete_program_demos(workspace, found, states, cursor)
    if gap.instruction:
        return complete_instruction(workspace, found, artifact, states, gap.predictor.name, path, cursor)
    return complete_predictor_demos(workspace, found, states, gap.predictor, cursor)


def _instruction_gaps(offer: Offer, path: str, cursor: int) -> Iterator[Gap]:
    instructed = {choice.predictor for choice in offer.artifact.instructions}
    for predictor in offer.found.program.predictors if offer.found.program else ():
        signature = predictor.signature
        if predictor.name not in instructed or signature is None or signature.path != path:
            continue
        docstring = signature.fact.docstring_span
        if docstring is not None and docstring.start < cursor < docstring.end:
            yield Gap(offer=offer, predictor=predictor, instruction=True)


def _demo_gaps(snapshot: Snapshot, offer: Offer, path: str, text: str, line: int) -> Iterator[Gap]:
    found, artifact = offer.found, offer.artifact
    if not artifact.literal_demos:
        return
    construction = found.construction
    if construction is not None and found.construction_path == path and _may_follow(text, construction.span, line):
        yield Gap(offer=offer, predictor=None, instruction=False)
    shown = {demo.predictor for demo in artifact.demos}
    for predictor in found.program.predictors if found.program else ():
        is_here = predictor.path == path and predictor.name in shown and _may_follow(text, predictor.span, line)
        if is_here and not _serves_others(snapshot, found, predictor):
            yield Gap(offer=offer, predictor=predictor, instruction=False)


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


def _is_open(gap: Gap) -> bool:
    """The artifact is of this program, and its part does not stand yet."""
    predictor = gap.predictor.name if gap.predictor is not None and gap.instruction else None
    for change in gap.offer.changes:
        if change.kind != "instructions" or change.predictor != predictor:  # else: it is being written
            return False
    applied = gap.offer.applied
    stands = predictor in applied.instructions if predictor is not None else applied.demos
    return applied.form is None and not stands
