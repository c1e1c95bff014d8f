"""Statements that give a program its state: `NAME.load(…)`, `NAME.….demos = …`, `NAME.….signature = …`, and its
students: `NAME.set_lm(load_student(…))`, `NAME.….lm = load_student(…)`."""

import ast
from collections.abc import Iterator

from msgspec import Struct

from tunesmith.server.edits.statements.signature_statement import read_signature_statement
from tunesmith.server.edits.statements.student_statement import lm_owner, student_owner

_STATE = ("demos", "signature", "instructions")


class BlockPosition(Struct, frozen=True):
    """A statement and where it hangs in its tree."""

    block: list[ast.stmt]
    index: int
    scope: ast.AST
    """The module, function or class it belongs to."""

    @property
    def statement(self) -> ast.stmt:
        return self.block[self.index]


def block_positions(tree: ast.Module) -> Iterator[BlockPosition]:
    """Every statement of a tree, in the order of the source."""
    yield from _positions_under(tree, tree)


def _positions_under(node: ast.AST, scope: ast.AST) -> Iterator[BlockPosition]:
    own_scope = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else scope
    for _, value in ast.iter_fields(node):
        if not isinstance(value, list):
            continue
        for index, child in enumerate(value):
            if isinstance(child, ast.stmt):
                yield BlockPosition(value, index, own_scope)
            if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
                yield from _positions_under(child, own_scope)


def is_load_of(statement: ast.stmt, program: str) -> bool:
    """`PROGRAM.load(…)`, whatever its arguments."""
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    function = statement.value.func
    return isinstance(function, ast.Attribute) and function.attr == "load" and ast.unparse(function.value) == program


def demos_owner(statement: ast.stmt, program: str) -> str | None:
    """The predictor expression whose demos a statement sets, where it belongs to the program."""
    if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
        return None
    target = statement.targets[0]
    if not (isinstance(target, ast.Attribute) and target.attr == "demos"):
        return None
    owner = ast.unparse(target.value)
    return owner if _belongs(owner, program) else None


def signature_of(statement: ast.stmt, program: str) -> tuple[str, str] | None:
    """The predictor expression whose instruction a statement sets, and that instruction."""
    found = read_signature_statement(statement)
    return found if found is not None and _belongs(found[0], program) else None


def student_of(statement: ast.stmt, program: str) -> str | None:
    """What of the program a statement gives a student."""
    owner = student_owner(statement)
    return owner if owner is not None and _belongs(owner, program) else None


def is_state(statement: ast.stmt, program: str) -> bool:
    """One of those this package writes, and may replace."""
    return (
        is_load_of(statement, program)
        or demos_owner(statement, program) is not None
        or signature_of(statement, program) is not None
        or student_of(statement, program) is not None
    )


def overrides_state(statement: ast.stmt, program: str) -> bool:
    """Sets anything that an artifact carries, whoever wrote it."""
    if is_load_of(statement, program):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(
        isinstance(target, ast.Attribute) and target.attr in _STATE and _belongs(ast.unparse(target.value), program)
        for target in targets
    )


def overrides_lm(statement: ast.stmt, program: str) -> bool:
    """Gives the program, or a part of it, a language model of any kind."""
    owner = lm_owner(statement)
    return owner is not None and _belongs(owner, program)


def _belongs(owner: str, program: str) -> bool:
    return owner == program or owner.startswith((f"{program}.", f"{program}["))


def following_state(place: BlockPosition, program: str) -> list[ast.stmt]:
    """The unbroken row of such statements right after the one that constructs the program."""
    row: list[ast.stmt] = []
    for statement in place.block[place.index + 1 :]:
        if not is_state(statement, program):
            break
        row.append(statement)
    return row
