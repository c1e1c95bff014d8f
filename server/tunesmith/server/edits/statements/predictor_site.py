"""Where a module constructs a predictor: `self.NAME = dspy.Kind(…)`, and the demos it gives it right there."""

import ast
from collections.abc import Collection
from typing import Any

from msgspec import Struct

from tunesmith.server.edits.statements.demos_statement import read_demos
from tunesmith.server.edits.statements.predictor_path import canonical_expression
from tunesmith.server.edits.statements.state_statements import (
    BlockPosition,
    block_positions,
    demos_owner,
    following_state,
)
from tunesmith.server.edits.statements.statement_reading import parse_with_following
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.index import PREDICTORS, IndexView, Program, ResolvedPredictor


class PredictorSite(Struct, frozen=True, kw_only=True):
    position: BlockPosition
    owner: str
    """The expression that holds the attribute, `self`."""
    names: dict[str, str]
    """The predictors it makes: run-time name → name below `owner`."""

    @property
    def row(self) -> list[ast.stmt]:
        """What sets state of `owner` right after the statement."""
        return following_state(self.position, self.owner)


def find_predictor_site(source: SourceText, program: Program, predictor: ResolvedPredictor) -> PredictorSite | None:
    """None where the predictor is not what one statement gives one attribute, or serves the program twice."""
    line = source.line_number(predictor.span.start)
    for place in block_positions(source.tree):
        if place.statement.lineno <= line <= (place.statement.end_lineno or line):
            value = getattr(place.statement, "value", None)
            if isinstance(value, ast.expr) and source.start(value) == predictor.span.start:
                return _site(place, program, predictor)
    return None


def own_demos(
    index: IndexView, program: Program, predictors: Collection[str]
) -> dict[str, list[dict[str, Any]] | None]:
    """The demos that modules give predictors right after they construct them, by run-time name. None for what is no
    literal. A keystroke asks for it, so that the sources are parsed where they may set demos only."""
    found: dict[str, list[dict[str, Any]] | None] = {}
    for predictor in program.predictors:
        text = (index.text(predictor.path) or "") if predictor.name in predictors else ""
        if ".demos" not in text:
            continue
        start, end = predictor.span.start, predictor.span.end
        line = text.rfind("\n", 0, start) + 1
        statement = start - len(text[line:start].lstrip())
        place = parse_with_following(text, statement, end, text[statement:start].partition(".")[0])
        site = _site(place, program, predictor) if place is not None else None
        if site is None:
            continue
        own = canonical_expression(site.owner, site.names[predictor.name])
        for one in site.row:
            if isinstance(one, ast.Assign) and demos_owner(one, site.owner) == own:
                found[predictor.name] = read_demos(one.value)
    return found


def _site(place: BlockPosition, program: Program, predictor: ResolvedPredictor) -> PredictorSite | None:
    match place.statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=attribute)]):
            pass
        case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=owner), attr=attribute), value=ast.expr()):
            pass
        case _:
            return None
    names: dict[str, str] = {}
    for one in program.predictors:
        if (one.path, one.span) != (predictor.path, predictor.span):
            continue
        local = next(filter(one.name.endswith, _below(attribute, one.kind)), None)
        if local is None or local in names.values():
            return None
        names[one.name] = local
    return PredictorSite(position=place, owner=owner, names=names) if names else None


def _below(attribute: str, kind: str) -> list[str]:
    return [f"{attribute}.{inner}" if inner else attribute for inner in PREDICTORS.get(kind, ())]
