"""What reads a part of a text finds what reading all of it would."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.workspaces.workspace_texts import update, workspace_of
from tunesmith.server.edits.instruction.slot_faults import find_fault_elsewhere
from tunesmith.server.edits.program_edit import Refusal
from tunesmith.server.edits.statements.construction_site import ConstructionSite, find_partial_site, find_site
from tunesmith.server.edits.text.partial_source import read_part
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.edits.verify import find_fault, find_row_fault

SOURCE = '''\ufeff"""Ünïcödé 🎉."""
import dspy
from base import Sort

PROMPT = """Say:
yes
"""

class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)

x = "é"
bot = Bot()
bot.sort.demos = [{"a": "é"}]
y = 1
print(bot)
bot.x = 2
'''
START = SOURCE.index("bot = Bot()")
PARTS = [
    *["", "x", "\n", "    ", '"', '"""', "(", ")", "#", "é", "bot = Bot()\n", "y = 2\n", "print(bot)\n"],
    'bot.sort.demos = [{"b": 1}]\n',
    "bot.find.demos = []\n",
    "bot.sort.signature = bot.sort.signature.with_instructions('x')\n",
    'bot.load("x.json")\n',
]
EDITS = st.lists(st.tuples(st.integers(0, len(SOURCE)), st.integers(0, 30), st.sampled_from(PARTS)), max_size=3)
LINES = st.lists(
    st.tuples(st.integers(0, SOURCE.count("\n")), st.sampled_from([*PARTS, None])).map(lambda one: ("line", *one)),
    max_size=3,
)


def edited(edits: list[tuple[int, int, str]]) -> str:
    text = SOURCE
    for start, removed, part in edits:
        text = text[:start] + part + text[start + removed :]
    return text


def with_lines(changes: list[tuple[str, int, str | None]]) -> str:
    """A line put before another, or taken away."""
    lines = SOURCE.splitlines(keepends=True)
    for _, at, line in changes:
        lines[at : at + (line is None)] = [line] if line is not None else []
    return "".join(lines)


@given(EDITS.map(edited) | LINES.map(with_lines), st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None, max_examples=400)
def test_faults_of_a_row_are_those_of_the_file(after: str, newline: str) -> None:
    before, after = SOURCE.replace("\n", newline), after.replace("\n", newline)
    start = before.index("bot = Bot()")
    assert (find_row_fault(before, after, start, "bot") is None) == (find_fault(before, after, start, "bot") is None)
    assert find_row_fault(before, after, start + 1, "bot") is not None


@given(EDITS.map(edited) | LINES.map(with_lines))
@settings(deadline=None, max_examples=200)
def test_another_file_must_be_the_same(after: str) -> None:
    new = SourceText.of(after)
    old = SourceText.of(SOURCE)
    assert old is not None
    same = new is not None and ast.dump(new.tree) == ast.dump(old.tree)
    assert (find_fault_elsewhere(SOURCE, after, []) is None) == same


def test_a_row_is_judged_to_its_end() -> None:
    after = SOURCE.replace("bot = Bot()\n", 'bot = Bot()\nbot.sort.demos = [{"b": 1}]\n')
    assert find_fault(SOURCE, after, START, "bot") is not None
    assert find_row_fault(SOURCE, after, START, "bot") is not None


def test_no_import_may_be_new_in_a_row() -> None:
    after = SOURCE.replace("bot = Bot()", "import pathlib\nbot = Bot()")
    assert find_fault(SOURCE, after, START, "bot") is None
    assert find_row_fault(SOURCE, after, START, "bot") is not None


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_statements_keep_their_places(newline: str) -> None:
    text = SOURCE.replace("\n", newline)
    for statement in ("class Bot", 'x = "é"', "bot.x = 2"):
        start = text.index(statement)
        part = read_part(text, start)
        assert part is not None
        assert [part.start(one) for one in part.tree.body] == [start]
        end = part.end(part.tree.body[0])
        assert ast.dump(ast.parse(text[start:end]).body[0]) == ast.dump(part.tree.body[0])
        with_imports = read_part(text, start, imports_of="dspy")
        assert with_imports is not None
        assert [ast.unparse(one) for one in with_imports.tree.body[:-1]] == ["import dspy"]


PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
CLASS = "import dspy\nclass Bot(dspy.Module):\n    def __init__(self):\n        self.sort = dspy.Predict('a -> b')\n"
SET = "bot.sort.signature = bot.sort.signature.with_instructions('x')\n"


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x = 1\n",
        "bot.sort.demos = []\n" + SET,
        "bot.sort.demos = []\nx = 1\n" + SET,
        "x = 1\nif x:\n    bot.load('a.json')\n",
        "x = bot\nfor x in []:\n    bot.sort.demos = []\n",
        "x = bot\ndef f():\n    bot.sort.demos = []\n",
        "x = bot\n(bot\n .sort). demos = []\n",
        "# bot\n" + SET + "# bot\nbot.load('a.json')\nprint(bot)\nprint(1)\n",
        "bot.sort.instructions = 1\n",
        "other.load(bot)\nother.demos = bot\n",
        "broken = (\n",
        "bot.set_lm(lm)\n",
    ],
)
@pytest.mark.parametrize("indent", ["", "    "], ids=["module", "function"])
def test_a_glance_finds_what_a_look_does(tmp_path: Path, after: str, indent: str) -> None:
    rest = "".join(indent + line for line in f"bot = Bot()\n{after}".splitlines(keepends=True))
    program = "app:bot" if not indent else "app:Bot"
    text = CLASS + ("def main():\n" if indent else "") + rest
    if indent:
        text += f"{indent}dspy.BootstrapFewShot(metric=m).compile(bot, trainset=[])\n"
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT.replace("app:bot", program)})
    update(workspace, "app.py", text)
    found = workspace.snapshot().targets[-1]
    look, glance = find_site(workspace.snapshot(), found), find_partial_site(workspace.snapshot(), found)
    if isinstance(look, Refusal) or isinstance(glance, Refusal):
        assert str(look) == str(glance)
        assert look != glance or after
    else:
        assert described(look) == described(glance)
        assert look.program == "bot"


def described(site: ConstructionSite) -> tuple[object, ...]:
    row = [(site.source.start(one), ast.dump(one)) for one in site.row]
    return site.start, site.where, row, site.loads, site.instructions, site.text_without_state()
