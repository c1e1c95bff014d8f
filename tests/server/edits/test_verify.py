import pytest

from tunesmith.server.edits.verify import find_fault

BEFORE = '"""Doc."""\nfrom __future__ import annotations\nimport dspy\nprogram = P()\nprogram.load("old.json")\nx = 1\n'
LOAD = 'program.load(Path(__file__).parent / "compiled" / "t.json")'
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
        "",
    ],
)
def test_one_load_or_literal_demos_are_sound(row: str) -> None:
    assert fault(BEFORE.replace(ROW, row)) is None


@pytest.mark.parametrize("line", ["from pathlib import Path", "import pathlib"])
def test_one_pathlib_import_is_sound(line: str) -> None:
    assert fault(BEFORE.replace("import dspy", f"{line}\nimport dspy")) is None


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


def test_a_text_that_did_not_parse_is_left_alone() -> None:
    before = "program = P()\ndef (:\n"
    assert fault(before, before) == "the edited text does not parse"


def test_a_construction_that_moved_is_left_alone() -> None:
    assert find_fault(BEFORE, BEFORE, BEFORE.index("= P()"), "program") == (
        "the statement that constructs the program has moved"
    )
