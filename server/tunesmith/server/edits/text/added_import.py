"""How a source file can name what another module has, and the import that takes: `pathlib.Path`, `load_student`."""

import ast
import sys
from itertools import takewhile

from msgspec import Struct

from tunesmith.server.edits.program_edit import TextEdit
from tunesmith.server.edits.text.source_text import SourceText


class ImportedName(Struct, frozen=True):
    """What an edit may import."""

    module: str
    name: str
    by_alias: bool = True
    """A name the file gives it will do, too. Not for what is looked for in source text by its own."""

    @property
    def root(self) -> str:
        """What `import module` binds."""
        return self.module.partition(".")[0]

    @property
    def statements(self) -> tuple[str, str]:
        """Of the name itself, and of its module."""
        return f"from {self.module} import {self.name}", f"import {self.module}"


PATH = ImportedName("pathlib", "Path")
LOAD_STUDENT = ImportedName("tunesmith.optim", "load_student", by_alias=False)
ADDABLE = (PATH, LOAD_STUDENT)


class NameExpression(Struct, frozen=True):
    expression: str
    """`Path`, `pathlib.Path`, or an alias."""
    edit: TextEdit | None
    """The import to add; None where the file has it."""


def name_expression(wanted: ImportedName, source: SourceText, before: int) -> NameExpression | None:
    """The expression to use at offset `before`. None where the file uses both names for something else."""
    for statement in source.tree.body:
        if source.start(statement) >= before:
            break
        if expression := _imported_expression(wanted, statement):
            return NameExpression(expression, None)
    taken = _names_bound_otherwise(wanted, source.tree)
    of_name, of_module = wanted.statements
    if wanted.name not in taken:
        return NameExpression(wanted.name, _import_edit(source, of_name, before))
    if wanted.root not in taken:
        return NameExpression(f"{wanted.module}.{wanted.name}", _import_edit(source, of_module, before))
    return None


def added_name(statement: ast.stmt) -> ImportedName | None:
    """What one of the imports `name_expression` adds is for."""
    return next((one for one in ADDABLE if ast.unparse(statement) in one.statements), None)


def _imported_expression(wanted: ImportedName, statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.ImportFrom) and statement.module == wanted.module and not statement.level:
        names = [name.asname or name.name for name in statement.names if name.name == wanted.name]
        return next((one for one in names if wanted.by_alias or one == wanted.name), None)
    if isinstance(statement, ast.Import):
        modules = (name.asname or name.name for name in statement.names if name.name == wanted.module)
        return next((f"{module}.{wanted.name}" for module in modules), None)
    return None


def _names_bound_otherwise(wanted: ImportedName, tree: ast.Module) -> set[str]:
    """Every name bound anywhere in the file, but for what comes from the module under its own name."""
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
                own = (wanted.module, wanted.name)
                names |= {alias.asname or alias.name for alias in aliases if (module, alias.name) != own}
                names |= {alias.asname for alias in aliases if alias.asname}
            case ast.Import(names=aliases):
                roots = {alias: alias.name.partition(".")[0] for alias in aliases}
                names |= {alias.asname or root for alias, root in roots.items() if alias.asname or root != wanted.root}
    return names


def _import_edit(source: SourceText, line: str, before: int) -> TextEdit:
    """In isort's order among the imports of its kind; the standard library's above all others, others below it; all
    below docstring and `__future__`."""
    body = source.tree.body
    head = 1 if ast.get_docstring(source.tree, clean=False) is not None else 0
    while head < len(body) and _is_future(body[head]):
        head += 1
    leading = [one for one in takewhile(_is_import, body[head:]) if source.end(one) < before]
    added = ast.parse(line).body[0]
    section = _section(source, leading, standard=_is_standard(added))
    earlier = [statement for statement in section if _isort_key(statement) < _isort_key(added)]
    above, spacing = (earlier[-1], "") if earlier else (None, "")
    standard = [statement for statement in leading if _is_standard(statement)]
    if not section and not _is_standard(added) and standard:
        above, spacing = standard[-1], source.newline
    if above is not None and (place := source.next_line(source.end(above))) <= before:
        return _whole_line(source, place, spacing + line)
    following = section[0] if section and not _is_standard(added) else body[head]
    start = source.start(following)
    if source.is_first_on_line(start):
        spacing = "" if section else source.newline
        return _whole_line(source, source.line_start(start), line + spacing)
    return TextEdit(start=start, end=start, new_text=line + "; ")


def _section(source: SourceText, leading: list[ast.stmt], *, standard: bool) -> list[ast.stmt]:
    """The imports an added one is put among: the standard library's, or the first others up to a blank line or the
    package's own."""
    if standard:
        return [statement for statement in leading if _is_standard(statement)]
    section: list[ast.stmt] = []
    for statement in leading:
        if _is_standard(statement):
            continue
        gap = source.text[source.end(section[-1]) : source.start(statement)] if section else ""
        if gap.count("\n") > 1 or _module_of(statement).startswith("."):
            break
        section.append(statement)
    return section


def _whole_line(source: SourceText, place: int, line: str) -> TextEdit:
    return TextEdit(start=place, end=place, new_text=line + source.newline)


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


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
