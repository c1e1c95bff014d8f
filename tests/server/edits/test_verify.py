import ast

import pytest

from tunesmith.server.edits.instruction.slot_faults import find_fault_elsewhere
from tunesmith.server.edits.program_edit import InstructionSlot
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.edits.verify import find_fault

BEFORE = '"""Doc."""\nfrom __future__ import annotations\nimport dspy\nprogram = P()\nprogram.load("old.json")\nx = 1\n'
LOAD = 'program.load(Path(__file__).parent / "compiled" / "t.json")'
CALL = 'load_student(Path(__file__).parent / "compiled" / "t-student")'
STUDENT = f"program.set_lm({CALL})"
ROW = 'program.load("old.json")\n'


def fault(after: str, before: str = BEFORE) -> str | None:
    return find_fault(before, after, before.index("program = P()"), "program")


@pytest.mark.parametrize(
    "row",
    [
        f"{LOAD}\n",
        'program.load(pathlib.Path(__file__).parents[2] / "t.json")\n',
        'program.demos = [{"a": -1.5, "b": [None, {"c": "é"}]}]\n',
        'program.a.demos = []\nprogram.steps[0].demos = [{}]\nprogram.t["k"].demos = [{}]\n',
        'program.a.signature = program.a.signature.with_instructions("x" "y")\n',
        'program.a.signature = program.a.signature.with_instructions("x")\nprogram.a.demos = []\n',
        'program.load("old.json")\nprogram.a.signature = program.a.signature.with_instructions("x")\n',
        f"{LOAD}\n{STUDENT}\n",
        f"{LOAD}\nprogram.a.lm = {CALL}\nprogram.b.lm = {CALL}\n",
        f'{ROW}program.a.lm = {CALL[:-1]}, task="a")\n',
        f"program.a.demos = []\n{STUDENT}\n",
        f"{ROW}program.set_lm(tunesmith.optim.{CALL})\n",
        "",
    ],
)
def test_one_load_or_literal_demos_are_sound(row: str) -> None:
    assert fault(BEFORE.replace(ROW, row)) is None


@pytest.mark.parametrize("line", ["from pathlib import Path", "import pathlib"])
def test_one_pathlib_import_is_sound(line: str) -> None:
    assert fault(BEFORE.replace("import dspy", f"{line}\nimport dspy")) is None


def test_one_import_for_each_name_is_sound() -> None:
    student = "from tunesmith.optim import load_student"
    assert fault(BEFORE.replace("import dspy", f"import pathlib\nimport dspy\n{student}")) is None
    assert fault(BEFORE.replace("import dspy", f"import dspy\n{student}\n{student}")) is not None
    assert fault(BEFORE.replace("import dspy", "import pathlib\nimport dspy\nimport pathlib")) is not None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (ROW, "program.load(\n", "does not parse"),
        (ROW, "program.load(evil())\n", "literals and one call"),
        (ROW, "program.load(Path(evil()).parent / 'x')\n", "literals and one call"),
        (ROW, "program.load(Path(__file__).parent / evil())\n", "literals and one call"),
        (ROW, LOAD.replace("load(", "load(x, ") + "\n", "literals and one call"),
        (ROW, LOAD[:-1] + ", allow_pickle=True)\n", "literals and one call"),
        (ROW, f"{LOAD}\n{LOAD}\n", "literals and one call"),
        (ROW, f"{LOAD}\nprogram.a.demos = []\n", "literals and one call"),
        (ROW, "program.a.demos = []\nprogram.a.demos = []\n", "literals and one call"),
        (ROW, "program.a.demos = [evil()]\n", "literals and one call"),
        (ROW, "program.a.demos = [1]\n", "literals and one call"),
        (ROW, 'program.a.demos = [f"{evil()}"]\n', "literals and one call"),
        (ROW, "program.a.demos = [{}]; evil()\n", "other statements"),
        (ROW, "other.load('x')\n", "other statements"),
        (ROW, f"{LOAD} or evil()\n", "other statements"),
        (ROW, "program.a.signature = program.b.signature.with_instructions('x')\n", "other statements"),
        (ROW, "program.a.signature = program.a.signature.with_instructions(evil())\n", "other statements"),
        (ROW, "program.a.signature = program.a.signature.with_instructions('x', evil())\n", "other statements"),
        (ROW, f"{LOAD}\nprogram.a.signature = program.a.signature.with_instructions('x')\n", "one call"),
        (ROW, "program.a.signature = program.a.signature.with_instructions('x')\n" + ROW, "one call"),
        (ROW, "program.a.signature = program.a.signature.with_instructions('x')\n" * 2, "one call"),
        (ROW, f"{STUDENT}\n{ROW}", "one call"),
        (ROW, f"{STUDENT}\n{LOAD}\n", "one call"),
        (ROW, f"{LOAD}\n{STUDENT}\n{STUDENT}\n", "one call"),
        (ROW, f"{LOAD}\n{STUDENT}\nprogram.a.lm = {CALL}\n", "one call"),
        (ROW, f"{LOAD}\nprogram.set_lm(load_student(evil()))\n", "one call"),
        (ROW, f"{LOAD}\nprogram.set_lm(evil().{CALL})\n", "one call"),
        (ROW, f"{LOAD}\nprogram.set_lm({CALL[:-1]}, task=evil()))\n", "one call"),
        (ROW, f"{LOAD}\nprogram.set_lm({CALL[:-1]}, engine='x'))\n", "one call"),
        (ROW, f"{LOAD}\nprogram.set_lm(evil(Path(__file__).parent))\n", "other statements"),
        (ROW, f"{LOAD}\nother.set_lm({CALL})\n", "other statements"),
        (ROW, f"{LOAD}\nprogram[evil()].lm = {CALL}\n", "one call"),
        ("x = 1", "x = 2", "other statements"),
        ("x = 1\n", "", "other statements"),
        ("import dspy", "import evil", "other statements"),
        ("import dspy", "import evil\nimport dspy", "changes the statement"),
        ("import dspy", "import pathlib\nimport evil\nimport dspy", "changes the statement"),
        ("program = P()", "program = Q()", "changes the statement"),
        ('"""Doc."""', 'import pathlib\n"""Doc."""', "docstring"),
        ("from __future__", "import pathlib\nfrom __future__", "__future__"),
    ],
)
def test_anything_else_is_a_fault(old: str, new: str, reason: str) -> None:
    after = BEFORE.replace(old, new)
    assert after != BEFORE
    assert reason in (fault(after) or "")


SIGNATURES = """\
import dspy
class A(dspy.Signature):
    'Old.'
    x: str = dspy.InputField()
class B(dspy.Signature): x: str = dspy.InputField()
p = dspy.Predict("a -> b")
q = dspy.Predict(dspy.Signature("a -> b", "Old.", custom_types=t))
"""


def slots(text: str = "New.") -> list[InstructionSlot]:
    tree = ast.parse(SIGNATURES)
    source = SourceText(SIGNATURES, tree)
    calls = [
        one.value.args[0] for one in tree.body[3:] if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call)
    ]
    return [
        InstructionSlot(start=source.start(node), end=source.end(node), text=text, times=1, maker="dspy.Signature")
        for node in (*tree.body[1:3], *calls)
        if isinstance(node, ast.stmt | ast.expr)
    ]


GIVEN = [
    ("'Old.'\n", "'New.'\n"),
    ("B(dspy.Signature): x", "B(dspy.Signature): 'New.'; x"),
    ('Predict("a -> b")', 'Predict(dspy.Signature("a -> b", "New."))'),
    ('"Old."', '"New."'),
]


@pytest.mark.parametrize(("number", "old", "new"), [(number, *pair) for number, pair in enumerate(GIVEN)])
def test_a_slot_gives_its_instruction(number: int, old: str, new: str) -> None:
    after = SIGNATURES.replace(old, new)
    assert find_fault_elsewhere(SIGNATURES, after, [slots()[number]]) is None
    assert find_fault_elsewhere(SIGNATURES, after, []) == "the edit changes other statements"
    assert "does not read" in (find_fault_elsewhere(SIGNATURES, SIGNATURES, [slots()[number]]) or "")
    assert "does not read" in (find_fault_elsewhere(SIGNATURES, after, [slots("Other.")[number]]) or "")


def test_several_slots_at_once() -> None:
    after = SIGNATURES
    for old, new in GIVEN:
        after = after.replace(old, new)
    assert find_fault_elsewhere(SIGNATURES, after, slots()) is None


@pytest.mark.parametrize(
    ("number", "old", "new"),
    [
        (0, "'Old.'\n", "'New.'\n    y = evil()\n"),
        (0, "'Old.'\n    x", "'New.'\n    y"),
        (0, "'Old.'\n", "'New.'; 'Old.'\n"),
        (2, 'Predict("a -> b")', 'Predict(evil("a -> b", "New."))'),
        (2, 'Predict("a -> b")', 'Predict(dspy.Signature("a -> c", "New."))'),
        (2, 'Predict("a -> b")', 'Predict(dspy.Signature("a -> b", "New.", x=1))'),
        (3, '"Old."', '"New.", evil()'),
        (3, '"Old.", custom_types=t', '"New.", custom_types=u'),
        (3, '"Old."', 'f"New."'),
        (3, 'dspy.Signature("a -> b", "Old."', 'evil("a -> b", "New."'),
    ],
)
def test_a_slot_allows_nothing_else(number: int, old: str, new: str) -> None:
    after = SIGNATURES.replace(old, new)
    assert after != SIGNATURES
    assert find_fault_elsewhere(SIGNATURES, after, [slots()[number]]) is not None


def test_a_text_that_did_not_parse_is_left_alone() -> None:
    before = "program = P()\ndef (:\n"
    assert fault(before, before) == "the edited text does not parse"


def test_a_construction_that_moved_is_left_alone() -> None:
    assert find_fault(BEFORE, BEFORE, BEFORE.index("= P()"), "program") == (
        "the statement that constructs the program has moved"
    )
