"""An edit as an editor may show it ahead of the cursor: one that replaces text of the cursor's line alone."""

from tunesmith.server.edits.program_edit import TextEdit


def fit_to_cursor(text: str, edit: TextEdit, cursor: int) -> TextEdit | None:
    """The same change around the cursor, what stays on either side left out; None where it takes several lines."""
    if not edit.start <= cursor <= edit.end:
        return None
    head = _agreeing(text[edit.start : cursor], edit.new_text)
    rest = edit.new_text[head:]
    tail = _agreeing(text[cursor : edit.end][::-1], rest[::-1])
    start, end = edit.start + head, edit.end - tail
    if any(line_break in text[start:end] for line_break in "\r\n"):
        return None
    return TextEdit(start=start, end=end, new_text=rest[: len(rest) - tail])


def _agreeing(one: str, other: str) -> int:
    """How many characters both begin with."""
    differing = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))
