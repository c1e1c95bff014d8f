"""`NAME.set_lm(load_student(Path(__file__).parent / "compiled" / "TARGET-student"))`: the statements that attach
finetuned models, and the folders these read."""

import ast
from collections.abc import Sequence

from tunesmith.protocol import StudentInfo
from tunesmith.server.edits.statements.load_statement import file_name, is_path_from_file, path_expression
from tunesmith.server.edits.statements.predictor_path import predictor_expression

LOADER = "load_student"


def student_parts(students: Sequence[StudentInfo]) -> list[str]:
    """What of that folder each student gets: all of it where it is the only one, else a folder named by what it
    answers for. Distinct, in any letter case."""
    if len(students) == 1:
        return [""]
    parts: list[str] = []
    for student in students:
        name = file_name("+".join(student.tasks))
        same = sum(part.casefold() == name.casefold() for part in parts)
        parts.append(f"{name}-{same + 1}" if same else name)
    return parts


def student_statements(
    program: str,
    loader: str,
    path_class: str,
    source_path: str,
    students: Sequence[StudentInfo],
    predictors: Sequence[str],
) -> list[str] | None:
    """In the file `source_path`. Its path and those of the students are relative to the root.

    One student of every predictor is given to the program, others to their predictors. A student that learned a soft
    prompt for each of several is given the name of the one. None where a predictor's name cannot be written back.
    """
    statements: list[str] = []
    for student in students:
        path = path_expression(path_class, source_path, student.path)
        by_task = student.method == "prompt" and len(student.tasks) > 1
        if not by_task and set(student.tasks) >= set(predictors):
            statements.append(f"{program}.set_lm({loader}({path}))")
            continue
        for task in student.tasks:
            owner = predictor_expression(program, task)
            if owner is None:
                return None
            task_argument = f', task="{task}"' if by_task else ""
            statements.append(f"{owner}.lm = {loader}({path}{task_argument})")
    return statements


def student_owner(statement: ast.stmt) -> str | None:
    """The expression that a statement gives a student: `PROGRAM` for its `set_lm`, a predictor for its `lm`."""
    found = _owner_and_value(statement)
    if found is None or not isinstance(found[1], ast.Call):
        return None
    return ast.unparse(found[0]) if ast.unparse(found[1].func).rpartition(".")[2] == LOADER else None


def lm_owner(statement: ast.stmt) -> str | None:
    """The same of any language model."""
    found = _owner_and_value(statement)
    return ast.unparse(found[0]) if found is not None else None


def is_our_student(statement: ast.stmt) -> bool:
    """A student from a path made of `__file__` and string literals, and nothing else but its task's name."""
    found = _owner_and_value(statement)
    match found:
        case owner, ast.Call(func=loader, args=[path], keywords=keywords):
            return (
                student_owner(statement) is not None
                and _is_name(owner)
                and _is_name(loader)
                and is_path_from_file(path)
                and all(one.arg == "task" and _is_constant(one.value) for one in keywords)
            )
    return False


def _owner_and_value(statement: ast.stmt) -> tuple[ast.expr, ast.expr] | None:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="set_lm"), args=[value], keywords=[])):
            return owner, value
        case ast.Assign(targets=[ast.Attribute(value=owner, attr="lm")], value=value):
            return owner, value
    return None


def _is_name(node: ast.expr) -> bool:
    """A name with attributes and literal subscripts: evaluating it calls nothing of consequence."""
    while isinstance(node, ast.Attribute) or (isinstance(node, ast.Subscript) and _is_constant(node.slice)):
        node = node.value
    return isinstance(node, ast.Name)


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)
