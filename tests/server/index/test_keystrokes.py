"""Texts of open documents, one after the other: whatever is kept from the last one, the answers are those of a fresh
index."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tree_sitter import Node

from tunesmith.server.index import Index
from tunesmith.server.index.parsing import parse

Make = Callable[[dict[str, str]], Index]

TEXT = '''import dspy

class Sig(dspy.Signature):
    """Say it – once."""

    question: str = dspy.InputField()
    answer: str = dspy.OutputField(desc="é")

def run(data):
    program = dspy.Predict(Sig)
    return f"{program(question=data[0]).answer}\\n"
'''
PIECES = [
    "",
    "x",
    "\n",
    "    ",
    "\n    y = 1\n",
    '"',
    '"""',
    "(",
    ")",
    ":",
    "#",
    "\\",
    "f'{",
    "é",
    "\r\n",
    "def f():\n",
]
EDITS = st.lists(
    st.tuples(st.integers(0, len(TEXT)), st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=12
)


def shape(node: Node) -> list[tuple[object, ...]]:
    here = (node.type, node.start_byte, node.end_byte, node.start_point, node.end_point, node.is_missing)
    return [here, *(row for child in node.children for row in shape(child))]


@given(EDITS)
@settings(deadline=None, max_examples=150)
def test_a_tree_is_the_same_from_the_last_one(edits: list[tuple[int, int, str]]) -> None:
    text, last = TEXT, parse(TEXT)
    for start, removed, piece in edits:
        text = text[:start] + piece + text[start + removed :]
        last = parse(text, last)
        fresh = parse(text)
        assert last.data == fresh.data
        assert last.tree.root_node.has_error == fresh.tree.root_node.has_error
        if not fresh.tree.root_node.has_error:
            assert shape(last.tree.root_node) == shape(fresh.tree.root_node)


USES = """import dspy
from middle import Sub

class P(dspy.Module):
    def __init__(self):
        super().__init__()
        self.p = dspy.Predict(Sub)
"""
TRAINS = """import dspy
from program import P
from scores import judge
program = P()
better = dspy.BootstrapFewShot(metric=judge).compile(program, trainset=[])
"""
BASE = "import dspy\nclass Base(dspy.Signature):\n    a = dspy.InputField()\n    b = dspy.OutputField()\n"
SUB = "import dspy\nfrom base import Base\nclass Sub(Base):\n    more = dspy.InputField()\n"
VERSIONS = {
    "base.py": [BASE, BASE.replace(" b ", " c "), "import dspy\nclass Base(dspy.Module):\n    pass\n", "import dspy\n"],
    "middle.py": [SUB, "import dspy\nfrom base import Base\nSub = Base\n", BASE.replace("Base", "Sub")],
    "program.py": [USES, USES.replace("self.p = dspy.Predict", "self.q = dspy.ChainOfThought")],
    "train.py": [TRAINS, TRAINS.replace("metric=judge", ""), TRAINS + "program.load('p.json')\n"],
    "scores.py": ["import dspy\ndef judge(one, two):\n    return 1\n", "import dspy\ndef judge(one):\n    return 1\n"],
}
CHANGES = st.lists(
    st.sampled_from([(path, text) for path, texts in VERSIONS.items() for text in texts]), min_size=1, max_size=8
)


def everything(index: Index) -> tuple[object, ...]:
    programs = [index.view.resolve_program("train.py", name) for name in ("program", "better")]
    site = index.view.construction_of("train.py", "program")
    return (
        index.view.files(),
        programs,
        site,
        index.view.signature("program.py", "Sub"),
        index.view.program_of_class("program.py", "P"),
    )


@given(changes=CHANGES)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_after_many_changes_are_a_fresh_index(changes: list[tuple[str, str]], tmp_path: Path) -> None:
    for path, texts in VERSIONS.items():
        (tmp_path / path).write_text(texts[0], encoding="utf-8")
    index = Index(tmp_path)
    index.refresh()
    opened: dict[str, str] = {}
    for path, text in changes:
        index.update(path, text)
        opened[path] = text
        fresh = Index(tmp_path)
        fresh.refresh()
        for open_path, open_text in opened.items():
            fresh.update(open_path, open_text)
        assert everything(index) == everything(fresh)


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ("base.py", {"program.py", "scores.py"}),
        ("program.py", {"base.py", "middle.py", "scores.py"}),
        ("train.py", {"base.py", "middle.py", "program.py", "scores.py"}),
    ],
)
def test_what_did_not_look_at_the_changed_file_is_kept(make_index: Make, changed: str, kept: set[str]) -> None:
    texts = {path: versions[0] for path, versions in VERSIONS.items()}
    index = make_index(texts)
    index.update(changed, texts[changed])
    index.view.resolve_program("train.py", "program")
    before = {path: index.view.facts(path) for path in texts}
    index.update(changed, re.sub(r"\n$", "\n# more\n", texts[changed]))
    index.view.resolve_program("train.py", "program")
    assert {path for path in texts if index.view.facts(path) is before[path]} == kept
