"""What the statements right after the one that constructs a program give it, as they stand in the source."""

import ast
from typing import Any

from msgspec import Struct

from tunesmith.server.edits.statements.demos_statement import read_demos
from tunesmith.server.edits.statements.predictor_path import canonical_expression
from tunesmith.server.edits.statements.state_statements import demos_owner, following_state, is_load_of, signature_of
from tunesmith.server.edits.statements.statement_reading import parse_with_following
from tunesmith.server.index import ConstructionFact, IndexView


class StandingState(Struct, frozen=True, kw_only=True):
    """Instructions and demos that are set after the construction, and after the last `load` there."""

    program: str
    """The expression that names the program."""
    instructions: dict[str, str]
    """By the expression of the predictor, as `ast.unparse` writes it."""
    demos: dict[str, list[dict[str, Any]] | None]
    """The same; None for what is no literal."""

    def instruction_of(self, predictor: str) -> str | None:
        """The one that is set for a predictor, by its name in `named_predictors()`; None where none is."""
        return self.instructions.get(canonical_expression(self.program, predictor) or "")

    def sets_demos_of(self, predictor: str) -> bool:
        """Whether a statement sets them."""
        return canonical_expression(self.program, predictor) in self.demos

    def demos_of(self, predictor: str) -> list[dict[str, Any]] | None:
        """Those that are set for a predictor; None where none are, or they are no literal."""
        return self.demos.get(canonical_expression(self.program, predictor) or "")


def read_standing_state(index: IndexView, path: str, construction: ConstructionFact) -> StandingState:
    """`construction`: of the file `path`. A keystroke asks for it: no more is parsed than those statements."""
    program, text = construction.name, index.text(path) or ""
    state = StandingState(program=program, instructions={}, demos={})
    sets_state = ".demos" in text or ".signature" in text
    span = construction.span
    found = parse_with_following(text, span.start, span.end, program) if sets_state else None
    for statement in following_state(found, program) if found is not None else []:
        if is_load_of(statement, program):
            state.instructions.clear()
            state.demos.clear()
        elif (given := signature_of(statement, program)) is not None:
            state.instructions[given[0]] = given[1]
        elif isinstance(statement, ast.Assign) and (owner := demos_owner(statement, program)):
            state.demos[owner] = read_demos(statement.value)
    return state
