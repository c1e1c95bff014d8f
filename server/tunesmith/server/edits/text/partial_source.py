"""Sources of which only those chunks are in the tree that a question is about: what a keystroke asks must not cost what
the file is long. The rest is known to be Python, and to be the same in both texts where two are compared."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import takewhile

from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.index import Chunk, split_chunks

_STATE = re.compile(r"\b(?:demos|signature|instructions|load)\b")
"""What statements that set a program's state contain."""


def read_part(text: str, start: int, *, imports_of: str = "") -> SourceText | None:
    """The statement at the left edge around an offset, and the imports of a package above it. None where the text does
    not parse."""
    chunks = split_chunks(text)
    if chunks is None:
        return None
    at = _index(chunks, start)
    above = chunks[:at] if imports_of else ()
    imports = [one for one in above if text.find("import", *one) >= 0 and text.find(imports_of, *one) >= 0]
    return SourceText.of_chunks(text, [*imports, chunks[at]])


def read_site(text: str, start: int, program: str) -> SourceText | None:
    """The statement that constructs a program, what sets its state right after it, and what may do so later."""
    chunks = split_chunks(text)
    if chunks is None:
        return None
    at = _index(chunks, start)
    end = _row_end(text, chunks, at + 1, program)
    later = (one for one in chunks[end:] if _names(text, one, program) and _STATE.search(text, *one))
    return SourceText.of_chunks(text, [*chunks[at:end], *later])


def read_difference(
    before: str, after: str, around: Iterable[int], program: str | None = None
) -> tuple[SourceText, SourceText] | None:
    """Both texts where they differ, and from there to the offsets `around` of `before`; with `program`, to the end of
    the statements that speak of it. None where one does not parse."""
    old, new = split_chunks(before), split_chunks(after)
    if old is None or new is None:
        return None
    was, is_ = [before[slice(*one)] for one in old], [after[slice(*one)] for one in new]
    head = _agreeing(was, is_)
    tail = _agreeing(was[head:][::-1], is_[head:][::-1])
    needed = [_index(old, offset) for offset in around]
    start, end = min([head, *needed]), max([len(old) - tail, *(one + 1 for one in needed)])
    if program is not None:
        end = _row_end(before, old, end, program)
    was_there = SourceText.of_chunks(before, old[start:end])
    is_there = SourceText.of_chunks(after, new[start : end + len(new) - len(old)])
    return (was_there, is_there) if was_there is not None and is_there is not None else None


def _row_end(text: str, chunks: Sequence[Chunk], at: int, program: str) -> int:
    """Behind the chunks from `at` on that speak of the program, and the first that does not and so ends their row."""
    row = takewhile(lambda one: _names(text, one, program), chunks[at:])
    return min(at + len(list(row)) + 1, len(chunks))


def _names(text: str, chunk: Chunk, program: str) -> bool:
    return text.find(program.partition(".")[0], *chunk) >= 0


def _index(chunks: Sequence[Chunk], offset: int) -> int:
    return max(bisect_right(chunks, offset, key=lambda one: one[0]) - 1, 0)


def _agreeing(one: Sequence[str], other: Sequence[str]) -> int:
    """How many chunks both begin with."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
