"""An artifact's demos as the text to go on with after what constructs its program, or one of its predictors."""

import ast
from typing import Any

from msgspec import Struct

from tunesmith.server.edits.program_edit import Refusal, TextEdit, apply_edits
from tunesmith.server.edits.statements.construction_site import find_partial_site
from tunesmith.server.edits.statements.demos_statement import demos_statements
from tunesmith.server.edits.statements.predictor_path import canonical_expression
from tunesmith.server.edits.statements.predictor_site import PredictorSite, find_predictor_site
from tunesmith.server.edits.statements.state_statements import BlockPosition, demos_owner
from tunesmith.server.edits.text.partial_source import read_part
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.edits.verify import find_row_fault
from tunesmith.server.index import ResolvedPredictor
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot

States = dict[str, dict[str, Any]]
"""Of predictors, by name, as `program.json` has them."""


def complete_program_demos(
    snapshot: WorkspaceSnapshot, found: FoundTarget, states: States, cursor: int
) -> TextEdit | None:
    """The demos of all predictors that have none yet, on the empty line after the statement that constructs the
    program and those that set its state."""
    site = find_partial_site(snapshot, found)
    if isinstance(site, Refusal) or site.loads:
        return None
    row = _Row(source=site.source, position=site.position, statements=site.row, owner=site.program)
    return row.complete(states, cursor)


def complete_predictor_demos(
    snapshot: WorkspaceSnapshot, found: FoundTarget, states: States, predictor: ResolvedPredictor, cursor: int
) -> TextEdit | None:
    """The demos of a predictor, on the empty line after the statement that constructs it in its module."""
    source = read_part(snapshot.index.text(predictor.path) or "", predictor.span.start)
    own = find_predictor_site(source, found.program, predictor) if source is not None and found.program else None
    if source is None or own is None or _is_overridden(snapshot, found, own):
        return None
    row = _Row(source=source, position=own.position, statements=own.row, owner=own.owner)
    return row.complete({local: states[name] for name, local in own.names.items()}, cursor)


def _is_overridden(snapshot: WorkspaceSnapshot, found: FoundTarget, own: PredictorSite) -> bool:
    """What is set after the program is constructed has the last word."""
    if found.construction is None:
        return False
    site = find_partial_site(snapshot, found)
    if isinstance(site, Refusal) or site.loads:
        return True
    given = {demos_owner(one, site.program) for one in site.row}
    return any(canonical_expression(site.program, name) in given for name in own.names)


class _Row(Struct, frozen=True, kw_only=True):
    """A statement that constructs something, and those after it that set state of `owner`."""

    source: SourceText
    position: BlockPosition
    statements: list[ast.stmt]
    owner: str

    def complete(self, states: States, cursor: int) -> TextEdit | None:
        """Statements for the cursor's line, where it is empty and the row's next. `states`: by name below `owner`."""
        source = self.source
        last = source.end(self.statements[-1] if self.statements else self.position.statement)
        start, end = source.line_start(cursor), source.line_end(cursor)
        is_next = source.is_last_on_line(last) and source.line_end(last) < start == source.next_line(last)
        if not is_next or source.text[start:end].strip():
            return None
        standing = {demos_owner(one, self.owner) for one in self.statements}
        wanted = {name: one for name, one in states.items() if canonical_expression(self.owner, name) not in standing}
        constructed = source.start(self.position.statement)
        indent = source.indentation(constructed)
        new = demos_statements(self.owner, wanted, indent=indent, style=source.style, with_empty=False)
        if isinstance(new, Refusal) or not new:
            return None
        edit = TextEdit(start=start, end=end, new_text=source.newline.join(indent + one for one in new))
        fault = find_row_fault(source.text, apply_edits(source.text, [edit]), constructed, self.owner)
        return None if fault else edit
