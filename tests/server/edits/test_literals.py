import ast
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.server.edits.text.literals import WIDTH, LiteralStyle, format_literal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
STYLES = st.builds(
    LiteralStyle,
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    unit=st.sampled_from(["    ", "\t"]),
    unicode=st.booleans(),
)


def written(value: object, **style: object) -> str:
    return format_literal(value, indent="", column=0, style=LiteralStyle(**style))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (None, "None"),
        (True, "True"),
        (-3, "-3"),
        (0.1, "0.1"),
        ("", '""'),
        ("a", '"a"'),
        ('say "hi"', "'say \"hi\"'"),
        ('it\'s "so"', "'it\\'s \"so\"'"),
        ("it's", '"it\'s"'),
        ("'\"", '"\'\\""'),
        ("a\tb\\n\n", '"a\\tb\\\\n\\n"'),
        ("naïve ✓", '"naïve ✓"'),
        ("\u202eevil\u200b", '"\\u202eevil\\u200b"'),
        ("\U000e0001", '"\\U000e0001"'),
        ("\ud800", '"\\ud800"'),
        ("\x00\x85", '"\\x00\\x85"'),
        ([], "[]"),
        ({}, "{}"),
        ([1, {"a": [None]}], '[1, {"a": [None]}]'),
    ],
)
def test_short_values_stay_on_one_line(value: object, source: str) -> None:
    assert written(value) == source


def test_ascii_style_escapes_what_is_not_ascii() -> None:
    assert written("é✓", unicode=False) == '"\\xe9\\u2713"'


def test_long_values_take_one_line_an_item() -> None:
    value = [{"text": "word " * 20 + "end", "label": "x"}]
    assert written(value) == (
        "[\n"
        "    {\n"
        '        "text": (\n'
        '            "word word word word word word word word word word word word word word "\n'
        '            "word word word word word word end"\n'
        "        ),\n"
        '        "label": "x",\n'
        "    },\n"
        "]"
    )


@pytest.mark.parametrize(("length", "breaks"), [(WIDTH - 5, False), (WIDTH - 4, True)])
def test_a_line_holds_the_value_and_a_comma(length: int, breaks: bool) -> None:
    assert ("\n" in written(["x" * length])) == breaks


def test_long_strings_break_after_line_breaks() -> None:
    first, second = "a" * 50, "b" * 50
    assert written(f"{first}\n{second}") == f'(\n    "{first}\\n"\n    "{second}"\n)'


def test_a_word_without_spaces_is_not_broken() -> None:
    assert written("x" * 200) == f'"{"x" * 200}"'
    assert written({"a": "x" * 200}) == f'{{\n    "a": (\n        "{"x" * 200}"\n    ),\n}}'


@pytest.mark.parametrize("value", [object(), (1,), b"x", {1, 2}])
def test_what_json_cannot_carry_is_no_literal(value: object) -> None:
    with pytest.raises(TypeError):
        written([value])


@given(JSON, STYLES)
def test_evaluates_to_the_value(value: object, style: LiteralStyle) -> None:
    source = format_literal(value, indent="", column=0, style=style)
    assert repr(ast.literal_eval(source)) == repr(value)  # repr: 1 and True, 0.0 and -0.0 are told apart


@given(JSON)
def test_ascii_style_is_ascii(value: object) -> None:
    assert written(value, unicode=False).isascii()


WORDS = st.lists(st.sampled_from(["a", "to", "word", "longer", "quite-long-word"]), max_size=60).map(" ".join)


@given(st.lists(st.dictionaries(st.sampled_from(["text", "label"]), WORDS, min_size=1), min_size=1))
def test_lines_stay_within_the_width(value: object) -> None:
    assert max(map(len, written(value).split("\n"))) <= WIDTH


@given(st.lists(st.dictionaries(st.sampled_from(["text", "label", "n"]), WORDS | st.integers()), max_size=4))
@settings(max_examples=15, deadline=None)
def test_a_formatter_changes_nothing(value: object) -> None:
    ruff = shutil.which("ruff", path=str(sys.prefix) + "/bin") or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    head = "program.classify.demos = "
    source = head + format_literal(value, indent="", column=len(head), style=LiteralStyle()) + "\n"
    command = [ruff, "format", "--isolated", "--line-length", str(WIDTH), "-"]
    assert subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout == source
