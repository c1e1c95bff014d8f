"""The place an edit works on: the one statement that constructs a target's program, in a text that parses."""

import ast
from collections.abc import Callable

from msgspec import Struct

from tunesmith.server.edits.program_edit import Refusal
from tunesmith.server.edits.statements.placement import find_construction
from tunesmith.server.edits.statements.state_statements import (
    BlockPosition,
    block_positions,
    following_state,
    is_load_of,
    overrides_lm,
    overrides_state,
    signature_of,
    student_of,
)
from tunesmith.server.edits.text.partial_source import read_site
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.index import ConstructionFact
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot


class ConstructionSite(Struct, frozen=True, kw_only=True):
    path: str
    source: SourceText
    construction: ConstructionFact
    position: BlockPosition

    @property
    def program(self) -> str:
        """The expression that names the program."""
        return self.construction.name

    @property
    def start(self) -> int:
        return self.source.start(self.position.statement)

    @property
    def where(self) -> str:
        return f"{self.path}:{self.source.line_number(self.start)}"

    @property
    def row(self) -> list[ast.stmt]:
        """What sets the program's state right after the statement."""
        return following_state(self.position, self.program)

    @property
    def loads(self) -> bool:
        """A `load` of the program stands right after the statement."""
        return any(is_load_of(one, self.program) for one in self.row)

    @property
    def instructions(self) -> dict[str, str]:
        """Those the row sets, by the expression of their predictor."""
        found = (signature_of(statement, self.program) for statement in self.row)
        return dict(one for one in found if one is not None)

    @property
    def students(self) -> list[str]:
        """The statements of the row that attach finetuned models."""
        return [
            self.source.text[self.source.start(one) : self.source.end(one)]
            for one in self.row
            if student_of(one, self.program) is not None
        ]

    def text_without_state(self) -> str:
        """The file's text, what sets the program's state right after the construction left out."""
        row = self.row
        end = self.source.end(self.position.statement)
        return self.source.text[:end] + self.source.text[self.source.end(row[-1]) if row else end :]


def find_site(snapshot: WorkspaceSnapshot, found: FoundTarget, *, sets_lm: bool = False) -> ConstructionSite | Refusal:
    """`sets_lm`: what is to be applied gives the program language models of its own."""
    return _find_site(snapshot, found, lambda text, _: SourceText.of(text), sets_lm=sets_lm)


def find_partial_site(snapshot: WorkspaceSnapshot, found: FoundTarget) -> ConstructionSite | Refusal:
    """The same for what a keystroke asks. Only what concerns the program's state is in its tree."""
    return _find_site(snapshot, found, lambda text, at: read_site(text, at.span.start, at.name), sets_lm=False)


def _find_site(
    snapshot: WorkspaceSnapshot,
    found: FoundTarget,
    read: Callable[[str, ConstructionFact], SourceText | None],
    *,
    sets_lm: bool,
) -> ConstructionSite | Refusal:
    construction, path = found.construction, found.construction_path
    if construction is None or path is None:
        return Refusal(
            reason=f"the program of {found.target.name} is not constructed by exactly one statement `NAME = …`.",
            where=f"{found.path}:{found.anchor.line + 1}",
            next_step="Give it one, or call `NAME.load(…)` where the program is made.",
        )
    text, facts = snapshot.index.text(path), snapshot.index.facts(path)
    where = f"{path}:{construction.span.line + 1}"
    source = None if text is None or facts is None or facts.broken else read(text, construction)
    if source is None:
        return Refusal(reason="the file has syntax errors.", where=where, next_step="Mend them, then apply again.")
    place = find_construction(source, construction.span.start)
    if place is None:
        return Refusal(reason="the statement that constructs the program has moved.", where=where)
    site = ConstructionSite(path=path, source=source, construction=construction, position=place)
    return _find_override(site, sets_lm=sets_lm) or site


def _find_override(site: ConstructionSite, *, sets_lm: bool) -> Refusal | None:
    """A later statement of the same scope that would set the program's state once more."""
    own = [site.position.statement, *site.row]
    end = site.source.end(own[-1])
    for other in block_positions(site.source.tree):
        start = site.source.start(other.statement)
        if other.scope is not site.position.scope or start < end:
            continue
        reason = None
        if overrides_state(other.statement, site.program):
            reason = f"this statement would override what is applied to {site.program}."
        elif sets_lm and overrides_lm(other.statement, site.program):
            reason = f"this statement gives {site.program} another language model than the finetuned one."
        if reason is not None:
            return Refusal(
                reason=reason,
                where=f"{site.path}:{site.source.line_number(start)}",
                next_step="Remove it, then apply again.",
            )
    return None
