"""A text is Python where its pieces are, and has their statements."""

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.server.index.chunks import split_chunks

TEXT = '''\ufeff"""Doc."""
import dspy

PROMPT = """Say it.
Nothing else, and
no more than this:
done
"""

@first
@second(
1)
class P(dspy.Module):
    """Part.
left
"""
    x = 1

async def run(data): return data \\
    + 1
if PROMPT:
    y = 'é'
elif x: z = 2
else:
    z = 3
try:
    pass
except ValueError:
    pass
finally: pass
for a in (
b, c):
    pass
match x:
    case 1: pass
print(x); print(y)
'''
PARTS = [
    "",
    "x",
    "\n",
    "    ",
    '"',
    '"""',
    "'''",
    "(",
    ")",
    ":",
    "#",
    "\\",
    "\\\n",
    "\nelse:\n    b\n",
    "\r",
    "\nx = 1\n",
]
EDITS = st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 12), st.sampled_from(PARTS)), max_size=8)


@given(EDITS)
@settings(deadline=None, max_examples=300)
def test_pieces_say_what_the_text_says(edits: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for start, removed, part in edits:
        text = text[:start] + part + text[start + removed :]
        pieces = split_chunks(text)
        whole = statements(text)
        assert (pieces is None) == (whole is None)
        if pieces is None:
            continue
        texts = [text[start:end] for start, end in pieces]
        assert "".join(texts) == text
        assert [one for piece in texts for one in statements(piece) or []] == whole


@pytest.mark.parametrize(
    "pieces",
    [
        [""],
        ["# alone\n"],
        ["import dspy\n", "x = 1"],
        ["'''Doc.\n'''\n\n", "import dspy\n\n", "def f():\n    pass\n\n    # more\n", "f()\n"],
        ["@a\n@b\nclass C: pass\n", "x = 1\n"],
        ["if x:\n    y\nelse:\n    z\n", "otherwise = 1\n"],
    ],
)
def test_where_a_text_is_cut(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = split_chunks(text)
    assert found is not None
    assert [text[start:end] for start, end in found] == pieces


def test_after_a_string_along_the_edge_it_is_cut_again() -> None:
    text = 'x = """\n' + "word\n" * 50 + '"""\n' + "y = 1\n" * 50
    found = split_chunks(text)
    assert found is not None
    assert [text[start:end] for start, end in found][1:] == ["y = 1\n"] * (len(found) - 1)
    assert len(found) > 30


def statements(text: str) -> list[str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [ast.dump(one) for one in ast.parse(text.removeprefix("\ufeff")).body]
    except (SyntaxError, ValueError):
        return None
