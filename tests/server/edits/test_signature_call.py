"""`«…»` marks the expression that gives a signature."""

import ast

import pytest

from tunesmith.server.edits.instruction.instruction_slot import slot_node
from tunesmith.server.edits.instruction.signature_call import signature_edit, signature_name
from tunesmith.server.edits.program_edit import apply_edits
from tunesmith.server.edits.text.source_text import SourceText

LONG = "Tell what the message is about, in one word, and nothing but that word at all."


def edited(marked: str, text: str, times: int = 1, maker: str | None = "dspy.Signature") -> str | None:
    before = marked.replace("«", "").replace("»", "")
    start = marked.index("«")
    source = SourceText.of(before)
    assert source is not None
    node = slot_node(source, start, marked.index("»") - 1)
    assert isinstance(node, ast.expr)
    edit = signature_edit(source, node, text, times, maker)
    if edit is None:
        return None
    after = apply_edits(before, [edit])
    ast.parse(after)
    return after


@pytest.mark.parametrize(
    ("marked", "after"),
    [
        # a string
        ('p = P(«"a -> b"»)\n', 'p = P(dspy.Signature("a -> b", "New."))\n'),
        ("p = P(«'a -> b'», x=1)  # c\n", "p = P(dspy.Signature('a -> b', \"New.\"), x=1)  # c\n"),
        ('p = P((«"a -> b"»))\n', 'p = P((dspy.Signature("a -> b", "New.")))\n'),
        (
            "p = P(\n    «'a -> '\n    'b'»,\n)\n",
            "p = P(\n    dspy.Signature(\n        'a -> '\n    'b',\n        \"New.\",\n    ),\n)\n",
        ),
        # a call with instructions
        ('S = «D("a -> b", "Old.")»\n', 'S = D("a -> b", "New.")\n'),
        ('S = «D("a -> b", ("Old"\n "er"))»\n', 'S = D("a -> b", "New.")\n'),
        ('S = «D("a -> b", ( # c\n "Old"))»\n', 'S = D("a -> b", ( # c\n "New."))\n'),
        ('S = «D(instructions="Old.", signature="a -> b")»\n', 'S = D(instructions="New.", signature="a -> b")\n'),
        ('S = «D("a -> b", None)»\n', 'S = D("a -> b", "New.")\n'),
        ('S = «D({"a": (str, I())}, """Old.""", "Name")»\n', 'S = D({"a": (str, I())}, "New.", "Name")\n'),
        ('S = «B.with_instructions("Old.")»\n', 'S = B.with_instructions("New.")\n'),
        ('S = «B.with_instructions(instructions="Old.",)»\n', 'S = B.with_instructions(instructions="New.",)\n'),
        # a call without
        ('S = «D("a -> b")»\n', 'S = D("a -> b", "New.")\n'),
        ('S = «D("a -> b",)»\n', 'S = D("a -> b", "New.",)\n'),
        ('S = «D("a -> b", custom_types=t)»\n', 'S = D("a -> b", "New.", custom_types=t)\n'),
        ('S = «D(signature="a -> b")»\n', 'S = D(signature="a -> b", instructions="New.")\n'),
    ],
)
def test_the_argument_says_it(marked: str, after: str) -> None:
    assert edited(marked, "New.") == after


BROKEN = {
    '    p = P(«"a -> b"»)': """\
    p = P(dspy.Signature(
        "a -> b",
        (
            "Tell what the message is about, in one word, and nothing but that word at "
            "all."
        ),
    ))""",
    'S = «D("a -> b", "Old.")»': """\
S = D("a -> b", (
    "Tell what the message is about, in one word, and nothing but that word at all."
))""",
    'S = «B.with_instructions("Old.")»': """\
S = B.with_instructions(
    "Tell what the message is about, in one word, and nothing but that word at all."
)""",
}


@pytest.mark.parametrize(("marked", "after"), BROKEN.items())
def test_long_ones_are_broken(marked: str, after: str) -> None:
    head = "if 1:\n" if marked.startswith(" ") else ""
    assert edited(head + marked, LONG) == head + after


@pytest.mark.parametrize("marked", ['S = «D("a -> b", "Old.")»\n', 'S = «B.with_instructions("Old.")»\n'])
def test_brackets_do_not_pile_up(marked: str) -> None:
    once = edited(marked, LONG)
    assert once is not None
    again = f"S = «{once[4:-1]}»\n"
    assert edited(again, LONG) == once
    assert edited(again, "Old.") == marked.replace("«", "").replace("»", "")


@pytest.mark.parametrize(
    "marked",
    [
        'S = «D("a -> b", TEXT)»\n',
        'S = «D("a -> b", f"{x}")»\n',
        'S = «D("a -> b", ("Old"  # why\n "er"))»\n',
        'S = «D(*a, "Old.")»\n',
        'S = «D("a -> b", **k)»\n',
        'S = «D(("a -> b"))»\n',
        "S = «D()»\n",
        'S = «B.append("c", dspy.OutputField())»\n',
        'S = «B.append_instructions("Old.")»\n',
        "S = «B.with_instructions()»\n",
        "S = «[x]»\n",
    ],
)
def test_what_cannot_say_it_is_left_alone(marked: str) -> None:
    assert edited(marked, "New.") is None


def test_what_dspy_would_not_give_back_is_not_written() -> None:
    assert edited('S = «D("a -> b")»\n', "a\tb") is None
    assert edited('S = «D("a -> b")»\n', "a\n  b") == 'S = D("a -> b", "\\na\\n  b")\n'
    assert edited('S = «D("a -> b")»\n', "a\n  b", times=2) is None
    assert edited('p = P(«"a -> b"»)\n', "New.", maker=None) is None


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("import dspy", "dspy.Signature"),
        ("import os, dspy as d", "d.Signature"),
        ("from dspy import Predict, Signature", "Signature"),
        ("from dspy import Signature as S", "S"),
        ("from dspy import Predict", None),
        ("from .dspy import Signature", None),
        ("import dspy.predict", None),
        ("if x:\n    import dspy", None),
        ("", None),
    ],
)
def test_the_files_own_name_for_it(imports: str, name: str | None) -> None:
    text = f"{imports}\np = 1\nimport dspy as late\n"
    assert signature_name(ast.parse(text), text[: text.index("p =")].count("\n") + 1) == name
