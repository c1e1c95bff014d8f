"""An artifact's instruction as the text to go on with inside a docstring."""

import ast
import re
from typing import Any

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.instruction.docstring import replacing_edits
from tunesmith.server.edits.instruction.instruction_plan import plan_instructions
from tunesmith.server.edits.instruction.instruction_slot import slot_node
from tunesmith.server.edits.program_edit import Refusal, TextEdit
from tunesmith.server.edits.statements.construction_site import find_partial_site
from tunesmith.server.edits.text.partial_source import read_part
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot

_OPENING = re.compile(r"\w*(\"{3}|'{3}|[\"'])")


def complete_instruction(
    snapshot: WorkspaceSnapshot,
    found: FoundTarget,
    artifact: ArtifactReport,
    states: dict[str, dict[str, Any]],
    predictor: str,
    path: str,
    cursor: int,
) -> TextEdit | None:
    """For the cursor between the quotes of a docstring in the file `path`. None where a code action would not write
    the predictor's instruction there, where it stands, and where it would take more than the cursor's line.

    `states`: of the predictors, by name, as `program.json` has them.
    """
    site = find_partial_site(snapshot, found)
    if isinstance(site, Refusal):
        return None
    state = {predictor: states[predictor]}
    plan = plan_instructions(snapshot, site, found, artifact, state, keeps_load=site.loads)
    home = plan.homes.get(predictor) if not isinstance(plan, Refusal) else None
    if home is None or home.kind != "docstring" or home.path != path:
        return None
    source = read_part(snapshot.index.text(path) or "", home.slot.start)
    if source is None or not _is_inside(source.text, home.edit, cursor):
        return None
    node = slot_node(source, home.slot.start, home.slot.end)
    assert isinstance(node, ast.ClassDef)
    edits = replacing_edits(source, node, home.slot.text, home.slot.times)
    return next(filter(None, (_fit_to_cursor(source.text, edit, cursor) for edit in edits)), None)


def _is_inside(text: str, literal: TextEdit, cursor: int) -> bool:
    """Between the quotes."""
    opening = _OPENING.match(text, literal.start)
    return opening is not None and opening.end() <= cursor <= literal.end - len(opening.group(1))


def _fit_to_cursor(text: str, edit: TextEdit, cursor: int) -> TextEdit | None:
    """The same change around the cursor, what stays on either side left out; None where it takes several lines."""
    if not edit.start <= cursor <= edit.end:
        return None
    head = _agreeing(text[edit.start : cursor], edit.new_text)
    rest = edit.new_text[head:]
    tail = _agreeing(text[cursor : edit.end][::-1], rest[::-1])
    start, end = edit.start + head, edit.end - tail
    if any(line_break in text[start:end] for line_break in "\r\n"):
        return None
    return TextEdit(start=start, end=end, new_text=rest[: len(rest) - tail])


def _agreeing(one: str, other: str) -> int:
    """How many characters both begin with."""
    differing = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))
