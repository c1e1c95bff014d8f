"""An instruction as the docstring of its signature class."""

import ast
import io
import tokenize
from collections.abc import Iterator

from tunesmith.server.edits.program_edit import TextEdit
from tunesmith.server.edits.text.instruction_text import decode_instruction, is_encodable
from tunesmith.server.edits.text.literals import LiteralStyle, escape
from tunesmith.server.edits.text.source_text import SourceText

_QUOTES = '"""'


def docstring_edit(source: SourceText, node: ast.ClassDef, text: str, times: int) -> TextEdit | None:
    """The edit that makes `text` the class's instructions; None where a docstring cannot carry it, or another
    statement of the class has the last word. `times`: see `decode_instruction`."""
    if any(_sets_doc(statement) for statement in node.body):
        return None
    if read_docstring(node) is not None:
        return next(replacing_edits(source, node, text, times), None)
    first = node.body[0]
    start = source.start(first)
    inside = source.is_first_on_line(start)
    indent = source.indentation(start) if inside else _own_indent(source, node)
    literal = format_docstring(text, indent=indent, style=source.style, times=times)
    return None if literal is None else _insertion(source, node, first, literal, inside=inside)


def replacing_edits(source: SourceText, node: ast.ClassDef, text: str, times: int) -> Iterator[TextEdit]:
    """Each way to write `text` in place of the class's docstring, the neatest first."""
    standing = read_docstring(node)
    if standing is None:
        return
    start, end = source.start(standing), source.end(standing)
    if has_comment(source.text[start:end]):
        return
    indent = source.indentation(start) if source.is_first_on_line(start) else _own_indent(source, node)
    for literal in docstring_forms(text, indent=indent, style=source.style, times=times):
        yield TextEdit(start=start, end=end, new_text=literal)


def _own_indent(source: SourceText, node: ast.ClassDef) -> str:
    """Of a body that shares the line of its class."""
    return source.indentation(source.start(node)) + source.indent_unit


def read_docstring(node: ast.ClassDef) -> ast.Constant | None:
    """The docstring's expression."""
    match node.body[0]:
        case ast.Expr(value=ast.Constant(value=str()) as constant):
            return constant
    return None


def format_docstring(text: str, *, indent: str, style: LiteralStyle, times: int = 1) -> str | None:
    """`text` in triple quotes, for a line indented by `indent`. None where dspy would read something else.

    Line breaks are content, so long lines stay long. Text of one line stays on it; otherwise the first line stands
    at the quotes, or below them where only that keeps the indentation of the others.
    """
    return next(docstring_forms(text, indent=indent, style=style, times=times), None)


def docstring_forms(text: str, *, indent: str, style: LiteralStyle, times: int = 1) -> Iterator[str]:
    """Every such literal that dspy reads as `text`, the neatest first."""
    if not is_encodable(text, times):
        return
    first, *others = [_escaped(line, style) for line in text.split("\n")]
    closing = style.newline + indent + _QUOTES
    below = "".join(style.newline + (indent + line if line else "") for line in others)
    forms = [_QUOTES + first + below + closing, _QUOTES + style.newline + indent + first + below + closing]
    if not others:
        forms.insert(0, _QUOTES + _escaped(text, style, at_end=True) + _QUOTES)
    yield from (form for form in forms if decode_instruction(ast.literal_eval(form), times) == text)


def has_comment(literal: str) -> bool:
    """Between the pieces of a concatenated string."""
    tokens = tokenize.generate_tokens(io.StringIO(f"({literal})").readline)
    return any(token.type == tokenize.COMMENT for token in tokens)


def _insertion(
    source: SourceText, node: ast.ClassDef, first: ast.stmt, literal: str, *, inside: bool
) -> TextEdit | None:
    start = source.start(first)
    if not inside:  # `class A(Signature): x: str = …`
        return TextEdit(start=start, end=start, new_text=f"{literal}; ")
    decorators = [source.start(one) for one in getattr(first, "decorator_list", [])]
    place = source.line_start(min([start, *decorators]))
    while (above := source.line_start(place - 1)) > source.start(node) and _says_nothing(source, above):
        place = above  # comments belong to what follows them
    spacing = "" if not source.text[place : source.line_end(place)].strip() else source.newline
    text = source.indentation(start) + literal + source.newline + spacing
    return TextEdit(start=place, end=place, new_text=text)


def _says_nothing(source: SourceText, line: int) -> bool:
    text = source.text[line : source.line_end(line)].strip()
    return not text or text.startswith("#")


def _sets_doc(statement: ast.stmt) -> bool:
    targets = (
        statement.targets
        if isinstance(statement, ast.Assign)
        else [statement.target]
        if isinstance(statement, ast.AnnAssign)
        else []
    )
    return any(isinstance(target, ast.Name) and target.id == "__doc__" for target in targets)


def _escaped(line: str, style: LiteralStyle, *, at_end: bool = False) -> str:
    """A line inside triple quotes. A space at its end is spelled out, because editors take such spaces away.

    `at_end`: the closing quotes follow.
    """
    pieces: list[str] = []
    quotes = 0
    for character in line:
        quotes = quotes + 1 if character == '"' else 0
        pieces.append('\\"' if quotes == 3 else escape(character, style))
        quotes %= 3
    if line.endswith(" "):
        pieces[-1] = "\\x20"
    if at_end and line.endswith('"'):
        pieces[-1] = '\\"'
    return "".join(pieces)
