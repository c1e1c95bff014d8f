"""An instruction as an argument: `dspy.Signature("a -> b", "…")`, or `Base.with_instructions("…")`."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from tunesmith.server.edits.instruction.docstring import has_comment
from tunesmith.server.edits.program_edit import TextEdit
from tunesmith.server.edits.text.instruction_text import encode_instruction
from tunesmith.server.edits.text.literals import WIDTH, format_argument, format_flat, format_literal, width
from tunesmith.server.edits.text.source_text import SourceText

DERIVING = ("append_instructions", "append", "delete", "insert", "prepend", "with_updated_fields")


def signature_edit(source: SourceText, node: ast.expr, text: str, times: int, maker: str | None) -> TextEdit | None:
    """The edit that makes `text` the instructions of the signature an expression gives; None where there is none.

    A string signature becomes a call of `maker`, the file's own name for `dspy.Signature`. `times`: see
    `decode_instruction`.
    """
    encoded = encode_instruction(text, times)
    if encoded is None:
        return None
    if is_text(node):
        return _wrapping(source, node, encoded, maker) if maker is not None else None
    if not isinstance(node, ast.Call) or _is_unpacked(node) or _name_of(node.func) in DERIVING:
        return None
    argument = instruction_argument(node)
    if argument is None:
        return _insertion(source, node, encoded)
    start, end = source.start(argument), source.end(argument)
    if not (is_text(argument) or _is_none(argument)) or has_comment(source.text[start:end]):
        return None
    return _replacement(source, node, argument, encoded)


def signature_name(tree: ast.Module, before: int) -> str | None:
    """What a file calls `dspy.Signature`, by its imports above a line; None where it has no name for it."""
    names = [name for statement in tree.body if statement.lineno < before for name in _signature_names(statement)]
    return names[0] if names else None


def instruction_argument(call: ast.Call) -> ast.expr | None:
    """Where a call of `Signature` or `with_instructions` has its instructions."""
    position = 0 if _name_of(call.func) == "with_instructions" else 1
    named = next((one.value for one in call.keywords if one.arg == "instructions"), None)
    return call.args[position] if len(call.args) > position else named


def without_instruction(call: ast.Call) -> str:
    """Everything else a call says, to be compared."""
    argument = instruction_argument(call)
    kept = [ast.dump(one) for one in (call.func, *call.args) if one is not argument]
    return "\n".join([*kept, *(ast.dump(one) for one in call.keywords if one.value is not argument)])


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _wrapping(source: SourceText, node: ast.expr, encoded: str, maker: str) -> TextEdit:
    start, end = source.start(node), source.end(node)
    shape, style = source.text[start:end], source.style
    column = width(source.text[source.line_start(start) : start])
    flat = f"{maker}({shape}, {format_flat(encoded, style)})"
    rest = source.text[end : source.line_end(end)]
    if "\n" not in shape and column + len(flat) + len(rest) <= WIDTH:
        return TextEdit(start=start, end=end, new_text=flat)
    indent = source.indentation(start)
    inner = indent + style.unit
    literal = format_literal(encoded, indent=inner, column=width(inner), style=style)
    lines = [f"{maker}(", f"{inner}{shape},", f"{inner}{literal},", f"{indent})"]
    return TextEdit(start=start, end=end, new_text=style.newline.join(lines))


def _insertion(source: SourceText, call: ast.Call, encoded: str) -> TextEdit | None:
    """Right after the fields, which come first."""
    named = next((one.value for one in call.keywords if one.arg == "signature"), None)
    shape = call.args[0] if call.args else named
    if shape is None or _name_of(call.func) == "with_instructions":
        return None
    end = source.end(shape)
    following = end + len(source.text[end:]) - len(source.text[end:].lstrip())
    if source.text[following] != "," and following != source.end(call) - 1:  # parentheses, or a comment
        return None
    before = ", " if call.args else ", instructions="
    column = width(source.text[source.line_start(end) : end]) + len(before)
    literal = format_literal(encoded, indent=source.indentation(end), column=column, style=source.style)
    return TextEdit(start=end, end=end, new_text=before + literal)


def _replacement(source: SourceText, call: ast.Call, argument: ast.expr, encoded: str) -> TextEdit:
    around = _parentheses(source, call, argument)
    column = width(source.text[source.line_start(around.start) : around.start])
    form = format_argument if around.is_alone else format_literal
    literal = form(encoded, indent=source.indentation(around.start), column=column, style=source.style)
    return TextEdit(start=around.start, end=around.end, new_text=literal)


class _Extent(NamedTuple):
    start: int
    end: int
    is_alone: bool
    """Between the call's own parentheses."""


def _parentheses(source: SourceText, call: ast.Call, argument: ast.expr) -> _Extent:
    """An argument with the parentheses that are its own."""
    opening = source.text.index("(", source.end(call.func))
    start, end = source.start(argument), source.end(argument)
    while True:
        left = len(source.text[:start].rstrip()) - 1
        right = end + len(source.text[end:]) - len(source.text[end:].lstrip())
        if left == opening and right == source.end(call) - 1:
            return _Extent(left + 1, right, True)
        if source.text[left] != "(" or source.text[right] != ")":
            return _Extent(start, end, False)
        start, end = left, right + 1


def _signature_names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (f"{one.asname or one.name}.Signature" for one in statement.names if one.name == "dspy")
    if isinstance(statement, ast.ImportFrom) and not statement.level and statement.module == "dspy":
        yield from (one.asname or one.name for one in statement.names if one.name == "Signature")


def _name_of(function: ast.expr) -> str:
    """Its last part."""
    return ast.unparse(function).rpartition(".")[2]


def _is_unpacked(call: ast.Call) -> bool:
    return any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
