"""Reading a statement with what follows it, without the rest of its file."""

from tunesmith.server.edits.statements.placement import find_construction
from tunesmith.server.edits.statements.state_statements import BlockPosition
from tunesmith.server.edits.text.source_text import SourceText


def parse_with_following(text: str, start: int, end: int, name: str) -> BlockPosition | None:
    """The statement at `[start, end)` with the statements after it that speak of `name`.

    The whole text is only parsed where its layout is unusual: this is asked on every keystroke, and a long file takes
    many milliseconds.
    """
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    head, passage = _lines_that_follow(text, line, end, name)
    for at, part in ((len(head) + start - line, head + passage), (start, text)):
        source = SourceText.of(part)
        if source is not None:
            return find_construction(source, at)
    return None


def _lines_that_follow(text: str, start: int, end: int, name: str) -> tuple[str, str]:
    """The lines from `start` to the last that may speak of `name`, and what makes them parse alone."""
    end = text.find("\n", end) + 1 or len(text)
    indent = _indentation(text[start:end])
    for line in text[end:].splitlines(keepends=True):
        goes_on = line.lstrip().startswith((name, *"#)]}")) or _indentation(line) > indent
        if line.strip() and not goes_on:
            break
        end += len(line)
    return ("if True:\n" if indent else ""), text[start:end]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
