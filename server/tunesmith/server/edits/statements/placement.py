"""Where statements go so that they run right after the one that constructs a program."""

import ast
from itertools import takewhile

from tunesmith.server.edits.program_edit import TextEdit
from tunesmith.server.edits.statements.state_statements import BlockPosition, block_positions, following_state
from tunesmith.server.edits.text.source_text import SourceText


def find_construction(source: SourceText, start: int) -> BlockPosition | None:
    """The statement that starts at an offset."""
    return next((place for place in block_positions(source.tree) if source.start(place.statement) == start), None)


def place_statements(
    source: SourceText, construction: BlockPosition, program: str, statements: list[str]
) -> list[TextEdit]:
    """Edits that leave exactly `statements` right after the construction; none where they stand there already.

    Of what set the program's state there before, the beginning and the end that stay are not touched; the rest is
    replaced, comments around it are kept. Statements that share their line with others are joined by semicolons, all
    others get lines of their own.
    """
    standing = following_state(construction, program)
    is_, wanted = [_shape(one) for one in standing], [_shape(ast.parse(text).body[0]) for text in statements]
    head = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(is_, wanted, strict=False))))
    rest = zip(reversed(is_[head:]), reversed(wanted[head:]), strict=False)
    tail = len(list(takewhile(lambda pair: pair[0] == pair[1], rest)))
    old, new = standing[head : len(standing) - tail], statements[head : len(statements) - tail]
    above = standing[head - 1] if head else construction.statement
    if not old:
        return [_insertion(source, above, new)] if new else []
    edits: list[TextEdit] = []
    previous = source.end(above)
    if new:
        first, *old = old
        start, previous = source.start(first), source.end(first)
        # Several lines may share one `;` row: whatever the row, its first statement is replaced where it stands.
        joint = "; " if not _owns_its_line(source, first) else source.newline + source.indentation(start)
        edits.append(TextEdit(start=start, end=previous, new_text=joint.join(new)))
    for statement in old:
        edits.append(_removal(source, statement, previous))
        previous = source.end(statement)
    return edits


def _shape(statement: ast.stmt) -> str:
    return ast.dump(statement)


def _owns_its_line(source: SourceText, statement: ast.stmt) -> bool:
    return source.is_first_on_line(source.start(statement)) and source.is_last_on_line(source.end(statement))


def _insertion(source: SourceText, construction: ast.stmt, statements: list[str]) -> TextEdit:
    end = source.end(construction)
    if not _owns_its_line(source, construction):
        return TextEdit(start=end, end=end, new_text="".join(f"; {statement}" for statement in statements))
    line_end = source.line_end(end)
    indent = source.indentation(source.start(construction))
    lines = "".join(source.newline + indent + statement for statement in statements)
    return TextEdit(start=line_end, end=line_end, new_text=lines)


def _removal(source: SourceText, statement: ast.stmt, previous: int) -> TextEdit:
    """`previous` is where the statement before it ends."""
    start, end = source.start(statement), source.end(statement)
    if not source.is_first_on_line(start):
        return TextEdit(start=previous, end=end, new_text="")
    if source.is_last_on_line(end):
        if (after := source.next_line(end)) < len(source.text) or source.line_end(end) < len(source.text):
            return TextEdit(start=source.line_start(start), end=after, new_text="")
        return TextEdit(start=source.line_end(previous), end=source.line_end(end), new_text="")
    following = end + len(source.text[end:]) - len(source.text[end:].lstrip("; \t"))
    return TextEdit(start=start, end=following, new_text="")
