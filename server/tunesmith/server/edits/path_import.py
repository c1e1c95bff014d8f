"""How a source file can spell `pathlib.Path`, and the import that takes."""

import ast
import sys

from msgspec import Struct

from tunesmith.server.edits.program_edit import TextEdit
from tunesmith.server.edits.source_text import SourceText


class PathSpelling(Struct, frozen=True):
    expression: str
    """`Path`, `pathlib.Path`, or an alias."""
    edit: TextEdit | None
    """The import to add; None where the file has it."""


def spell_path(source: SourceText, before: int) -> PathSpelling | None:
    """The spelling to use at offset `before`. None where the file uses both `Path` and `pathlib` for something else."""
    for statement in source.tree.body:
        if source.start(statement) >= before:
            break
        if expression := _imported_spelling(statement):
            return PathSpelling(expression, None)
    taken = _names_bound_otherwise(source.tree)
    if "Path" not in taken:
        return PathSpelling("Path", _import_edit(source, "from pathlib import Path", before))
    if "pathlib" not in taken:
        return PathSpelling("pathlib.Path", _import_edit(source, "import pathlib", before))
    return None


def is_pathlib_import(statement: ast.stmt) -> bool:
    """One of the two imports `spell_path` adds."""
    return ast.unparse(statement) in ("from pathlib import Path", "import pathlib")


def _imported_spelling(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.ImportFrom) and statement.module == "pathlib" and not statement.level:
        return next((name.asname or name.name for name in statement.names if name.name == "Path"), None)
    if isinstance(statement, ast.Import):
        return next((f"{name.asname or name.name}.Path" for name in statement.names if name.name == "pathlib"), None)
    return None


def _names_bound_otherwise(tree: ast.Module) -> set[str]:
    """Every name bound anywhere in the file, but for what comes from pathlib under its own name."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.ImportFrom(module=module, names=aliases):
                names |= {
                    alias.asname or alias.name for alias in aliases if (module, alias.name) != ("pathlib", "Path")
                }
                names |= {alias.asname for alias in aliases if alias.asname}
            case ast.Import(names=aliases):
                names |= {
                    alias.asname or alias.name.partition(".")[0]
                    for alias in aliases
                    if alias.asname or alias.name != "pathlib"
                }
    return names


def _import_edit(source: SourceText, line: str, before: int) -> TextEdit:
    """Among the standard library's imports in isort's order; above all others; below docstring and `__future__`."""
    body = source.tree.body
    head = 1 if ast.get_docstring(source.tree, clean=False) is not None else 0
    while head < len(body) and _is_future(body[head]):
        head += 1
    leading = head
    while leading < len(body) and isinstance(body[leading], ast.Import | ast.ImportFrom):
        leading += 1
    key = _isort_key(ast.parse(line).body[0])
    earlier = [
        statement
        for statement in body[head:leading]
        if _is_standard(statement) and _isort_key(statement) < key and source.end(statement) < before
    ]
    standard = any(_is_standard(statement) for statement in body[head:leading])
    if earlier and (place := source.next_line(source.end(earlier[-1]))) <= before:
        return _whole_line(source, place, line)
    following = body[head]
    start = source.start(following)
    if source.is_first_on_line(start):
        spacing = "" if standard and leading > head else source.newline
        return _whole_line(source, source.line_start(start), line + spacing)
    return TextEdit(start=start, end=start, new_text=line + "; ")


def _whole_line(source: SourceText, place: int, line: str) -> TextEdit:
    return TextEdit(start=place, end=place, new_text=line + source.newline)


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _module_of(statement: ast.stmt) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "." * statement.level + (statement.module or "")
    assert isinstance(statement, ast.Import)
    return statement.names[0].name


def _is_standard(statement: ast.stmt) -> bool:
    return _module_of(statement).partition(".")[0] in sys.stdlib_module_names


def _isort_key(statement: ast.stmt) -> tuple[bool, str]:
    """`import x` before `from x import y`, then by module."""
    return isinstance(statement, ast.ImportFrom), _module_of(statement)
