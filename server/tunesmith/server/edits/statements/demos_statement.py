"""An artifact's demos as assignments: `NAME.predictor.demos = [{…}, …]`.

Loading JSON leaves each demo a plain dict, so plain dict literals give the very same state (`Example` objects
would too, but run code). What source text cannot carry is refused.
"""

import ast
from typing import Any

from tunesmith.server.edits.program_edit import Refusal
from tunesmith.server.edits.statements.predictor_path import predictor_expression
from tunesmith.server.edits.text.literals import LiteralStyle, format_literal

_USE_LOAD = "Load the compiled program instead."


def predictor_states(state: dict[str, Any], predictors: list[str]) -> dict[str, dict[str, Any]] | None:
    """The state of each predictor by name; a bare predictor's state is not nested. None where one is missing."""
    if predictors == ["self"] and "demos" in state:
        return {"self": state}
    found = {name: state.get(name) for name in predictors}
    return {name: one for name, one in found.items() if isinstance(one, dict)} if all(found.values()) else None


def demos_statements(
    program: str, states: dict[str, dict[str, Any]], *, indent: str, style: LiteralStyle, with_empty: bool
) -> list[str] | Refusal:
    """One assignment a predictor. `with_empty`: also where it has no demos, because the source gives it some."""
    statements: list[str] = []
    for name, state in states.items():
        if lost := [key for key in ("traces", "train", "fields", "lm") if state.get(key)]:
            return Refusal(
                reason=f"the artifact also sets {' and '.join(lost)} of {name}, which source text does not carry.",
                next_step=_USE_LOAD,
            )
        demos = state.get("demos") or []
        if not demos and not with_empty:
            continue
        expression = predictor_expression(program, name)
        if expression is None:
            return Refusal(reason=f"the predictor {name} cannot be reached by an expression.", next_step=_USE_LOAD)
        head = f"{expression}.demos = "
        literal = format_literal(demos, indent=indent, column=len(indent.expandtabs(4)) + len(head), style=style)
        statements.append(head + literal)
    return statements


def is_our_demos(statement: ast.stmt) -> bool:
    """An assignment whose value is a literal list of dicts."""
    if not isinstance(statement, ast.Assign):
        return False
    try:
        value = ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return isinstance(value, list) and all(isinstance(demo, dict) for demo in value)


def read_demos(value: ast.expr) -> list[dict[str, Any]] | None:
    """The demos a literal spells out, without dspy's flag; None where it is none."""
    try:
        return [without_flag(demo) for demo in ast.literal_eval(value)]
    except (ValueError, TypeError, SyntaxError, AttributeError, RecursionError):
        return None


def without_flag(demo: dict[str, Any]) -> dict[str, Any]:
    """dspy marks bootstrapped demos in their state; a report lists values alone."""
    return {name: value for name, value in demo.items() if name != "augmented"}
