import ast
import inspect

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tunesmith.server.edits.instruction.docstring import docstring_edit, format_docstring
from tunesmith.server.edits.program_edit import apply_edits
from tunesmith.server.edits.text.instruction_text import decode_instruction
from tunesmith.server.edits.text.literals import LiteralStyle
from tunesmith.server.edits.text.source_text import SourceText


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("Sort it.", '"""Sort it."""'),
        ("", '""""""'),
        ('Say "yes"', '"""Say "yes\\""""'),
        ('"yes" or "no"', '""""yes" or "no\\""""'),
        ('"""', '"""""\\""""'),
        ('""""""x', '"""""\\"""\\"x"""'),
        ("a\\", '"""a\\\\"""'),
        ('a\\"', '"""a\\\\\\""""'),
        ("a{b} 'c' %s", '"""a{b} \'c\' %s"""'),
        ("é🎉", '"""é🎉"""'),
        ("a ", '"""a\\x20"""'),
        ("a\x00\x0b\x85\u2028\u202eb\rc", '"""a\\x00\\x0b\\x85\\u2028\\u202eb\\rc"""'),
        ("a\nb", '"""a\n    b\n    """'),
        ("a\n\n  b\nc", '"""a\n\n      b\n    c\n    """'),
        ('a\nb"', '"""a\n    b"\n    """'),
        ("a \nb", '"""a\\x20\n    b\n    """'),
        ("a\n  b", '"""\n    a\n      b\n    """'),
        ("  a\nb", '"""\n      a\n    b\n    """'),
        ("a\n   ", '"""\n    a\n      \\x20\n    """'),
    ],
)
def test_text_in_triple_quotes(text: str, literal: str) -> None:
    assert format_docstring(text, indent="    ", style=LiteralStyle()) == literal


@pytest.mark.parametrize("text", ["a\tb", "\na", "a\n", " a", "  ", "\xa0a", "a\n\x0cb"])
def test_what_dspy_would_not_give_back_is_not_written(text: str) -> None:
    assert format_docstring(text, indent="    ", style=LiteralStyle()) is None


@pytest.mark.parametrize(("text", "times"), [("a\n  b", 2), ("", 2)])
def test_what_is_read_twice_must_survive_twice(text: str, times: int) -> None:
    assert format_docstring(text, indent="    ", style=LiteralStyle()) is not None
    assert format_docstring(text, indent="    ", style=LiteralStyle(), times=times) is None


def test_only_ascii_where_the_file_says_so() -> None:
    assert format_docstring("é🎉", indent="", style=LiteralStyle(unicode=False)) == '"""\\xe9\\U0001f389"""'


@given(
    text=st.text("ab \n\"'\\é\x00", max_size=30) | st.text(),
    indent=st.sampled_from(["", "  ", "    ", "\t", "\t\t", "  \t"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
@example("a\n  b", "\t", "\r\n")
@example('Say "yes", é \\ or no. ' * 400 + "?", "    ", "\n")
@example("Say yes.\n" * 1000 + "?", "    ", "\r\n")
def test_it_is_read_back_wherever_it_stands(text: str, indent: str, newline: str) -> None:
    literal = format_docstring(text, indent=indent, style=LiteralStyle(newline=newline))
    settled = decode_instruction(text) == text and all(line.lstrip() == line.lstrip(" ") for line in text.split("\n"))
    assert literal is not None or not settled
    if literal is not None:
        source = f"class A:{newline}{indent or ' '}{literal}{newline}"
        raw = ast.get_docstring(ast.parse(source.encode()).body[0], clean=False)  # type: ignore[arg-type]
        assert raw is not None
        assert inspect.cleandoc(raw) == text
        assert inspect.cleandoc(_compiled_by_3_13(raw)) == text


def _compiled_by_3_13(raw: str) -> str:
    """Python 3.13 takes the indentation out of docstrings, and leaves blank lines in."""
    first, *others = raw.expandtabs().split("\n")
    margin = min((len(one) - len(one.lstrip(" ")) for one in others if one.lstrip(" ")), default=0)
    return "\n".join([first.lstrip(" "), *(one[min(margin, len(one) - len(one.lstrip(" "))) :] for one in others)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # one replaced
        ('class A(S):\n    """Old."""\n    x = 1\n', 'class A(S):\n    """New."""\n    x = 1\n'),
        ("class A(S):\n    '''Old.'''  # why\n", 'class A(S):\n    """New."""  # why\n'),
        ('class A(S):\n    r"""\n    Old \\d\n    """\n\n    x = 1\n', 'class A(S):\n    """New."""\n\n    x = 1\n'),
        ("class A(S):\n    'Old' \" one\"\n", 'class A(S):\n    """New."""\n'),
        ('class A(S):\n    ("Old"\n     " one")\n', 'class A(S):\n    ("""New.""")\n'),
        ('class A(S): "Old."\n', 'class A(S): """New."""\n'),
        ('class A(S): "Old."; x = 1\n', 'class A(S): """New."""; x = 1\n'),
        ('@made\nclass A(S):\n\t"""Old."""\n', '@made\nclass A(S):\n\t"""New."""\n'),
        ('if x:\n  class A(S):\n    "Old."\n', 'if x:\n  class A(S):\n    """New."""\n'),
        ('class A(S):\r\n    "é"\r\n', 'class A(S):\r\n    """New."""\r\n'),
        # one added
        ("class A(S):\n    x = 1\n", 'class A(S):\n    """New."""\n\n    x = 1\n'),
        ("class A(S):\n\n    x = 1\n", 'class A(S):\n    """New."""\n\n    x = 1\n'),
        ("class A(S):\n    # of x\n    x = 1\n", 'class A(S):\n    """New."""\n\n    # of x\n    x = 1\n'),
        ("class A(\n    S,\n    # of S\n):  # c\n\n    x = 1\n", None),
        (
            "class A(S):\n    @f\n    def g(self): ...\n",
            'class A(S):\n    """New."""\n\n    @f\n    def g(self): ...\n',
        ),
        ("class A(S): x = 1; y = 2\n", 'class A(S): """New."""; x = 1; y = 2\n'),
        ("class A(S): pass\n", 'class A(S): """New."""; pass\n'),
        ('class A(S):\n    f"{x}"\n', 'class A(S):\n    """New."""\n\n    f"{x}"\n'),
        ("class A(S):\r\n\tx = 1\r\n", 'class A(S):\r\n\t"""New."""\r\n\r\n\tx = 1\r\n'),
    ],
)
def test_the_class_is_given_the_docstring(before: str, after: str | None) -> None:
    after = after or 'class A(\n    S,\n    # of S\n):  # c\n    """New."""\n\n    x = 1\n'
    assert edited(before, "New.") == after
    assert edited(after, "New.") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('class A(S): "Old."\n', 'class A(S): """a\n    b\n    """\n'),
        ("\tx = 1\nclass A(S): x = 1\n", 'class A(S): """a\n\tb\n\t"""; x = 1\n'),
        ("class A(S):\n  x = 1\n", 'class A(S):\n  """a\n  b\n  """\n\n  x = 1\n'),
        ("if x:\n\tclass A(S):\n\t\t'Old.'\n", 'if x:\n\tclass A(S):\n\t\t"""a\n\t\tb\n\t\t"""\n'),
    ],
)
def test_lines_are_indented_as_the_class_is(before: str, after: str) -> None:
    head = "if 1:\n" if before.startswith("\t") else ""
    shown = edited(head + before, "a\nb")
    assert shown is not None
    assert shown.endswith(after)


@pytest.mark.parametrize(
    "before",
    [
        'class A(S):\n    """Old."""\n    __doc__ = "x"\n',
        'class A(S):\n    __doc__: str = "x"\n',
        'class A(S):\n    ("Old"  # why\n     " one")\n',
    ],
)
def test_some_classes_are_left_alone(before: str) -> None:
    assert edited(before, "New.") is None


def edited(text: str, instruction: str) -> str | None:
    source = SourceText.of(text)
    assert source is not None
    node = next(one for one in ast.walk(source.tree) if isinstance(one, ast.ClassDef))
    edit = docstring_edit(source, node, instruction, 1)
    return None if edit is None else apply_edits(text, [edit])
