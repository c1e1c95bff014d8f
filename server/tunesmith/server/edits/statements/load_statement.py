"""`NAME.load(Path(__file__).parent / "compiled" / "TARGET.json")`: the statement and the file it reads."""

import ast
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from tunesmith.protocol.folder_layout import ARTIFACT_SUFFIX, COMPILED_FOLDER


def compiled_path(target: str, targets: Iterable[str]) -> str:
    """Where a target's applied artifact lies, relative to the root. Distinct for all `targets`, in any letter case."""
    name = file_name(target)
    same = sorted(other for other in {*targets, target} if file_name(other).casefold() == name.casefold())
    number = same.index(target)
    return f"{COMPILED_FOLDER}/{name}{f'-{number + 1}' if number else ''}{ARTIFACT_SUFFIX}"


def load_statement(program: str, path_class: str, source_path: str, artifact_path: str) -> str:
    """The statement, in the file `source_path`; both paths are relative to the root."""
    return f"{program}.load({path_expression(path_class, source_path, artifact_path)})"


def path_expression(path_class: str, source_path: str, path: str) -> str:
    """`path` as the file `source_path` spells it, wherever its program runs."""
    depth = len(PurePosixPath(source_path).parts) - 1
    folder = "parent" if depth == 0 else f"parents[{depth}]"
    parts = " / ".join(f'"{part}"' for part in PurePosixPath(path).parts)
    return f"{path_class}(__file__).{folder} / {parts}"


def is_our_load(statement: ast.stmt) -> bool:
    """A `load` of one argument: a path built from `__file__` and string literals, nothing else."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="load"), args=[path], keywords=[])):
            return is_path_from_file(path)
    return False


def is_path_from_file(node: ast.expr) -> bool:
    """A path built from `__file__` and string literals."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        if not (isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)):
            return False
        node = node.left
    return bool(re.fullmatch(r"(\w+\.)?\w+\(__file__\)\.(parent|parents\[\d+\])", ast.unparse(node)))


def file_name(target: str) -> str:
    """The name without what file systems or readers stumble over."""
    return re.sub(r"[^\w.-]+", "-", target).strip("-.") or "program"
