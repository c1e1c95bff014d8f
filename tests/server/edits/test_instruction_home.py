"""Where an instruction is written: at its source where that feeds one predictor, else after the construction."""

from pathlib import Path

import pytest

from support.runs.run_samples import artifact_report
from support.workspaces.workspace_texts import update, workspace_of
from tunesmith.server.edits.instruction.instruction_plan import describe_homes
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
SIGNATURES = """
import dspy


class Sort(dspy.Signature):
    '''Tell what it is about.'''

    text: str = dspy.InputField()
    label: str = dspy.OutputField()


class Find(dspy.Signature):
    text: str = dspy.InputField()
    found: str = dspy.OutputField()
"""
APP = """
import dspy

from signatures import Sort


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)


bot = Bot()
"""
OWN = "import dspy\n\nclass Sort(dspy.Signature):\n    a: str = dspy.InputField()\n\n"
DOCSTRING, SIGNATURE, STATEMENT = "into its docstring", "into its signature", "after `bot = …`"


@pytest.fixture
def bot(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "signatures.py": SIGNATURES, "app.py": APP})


def home(workspace: Workspace, before: str | None = None, after: str = "New.", predictor: str = "sort") -> str | None:
    """`before`: what the predictor was told when the run started; None: what its source says."""
    found = workspace.snapshot().find_target("bot")
    assert found.program is not None
    fingerprint = fingerprint_of(found.program)
    static = {one.name: one.instructions or "" for one in fingerprint.predictors}
    told = static.get(predictor, "") if before is None else before
    artifact = artifact_report(target="bot", fingerprint=fingerprint, instructions={predictor: (told, after)})
    return describe_homes(workspace.snapshot(), found, artifact, [predictor]).get(predictor)


def test_the_docstring_is_home(bot: Workspace) -> None:
    assert home(bot) == DOCSTRING


@pytest.mark.parametrize(
    ("predictor", "where"),
    [
        ("dspy.Predict(Sort)", DOCSTRING),
        ("dspy.ChainOfThought(Sort)", DOCSTRING),
        ('dspy.Predict("text -> label")', SIGNATURE),
        ('dspy.Predict(dspy.Signature("text -> label", "Old."))', SIGNATURE),
        ('dspy.Predict(Sort.with_instructions("Old."))', SIGNATURE),
        ("dspy.ReAct(Sort, tools=[])", None),
        ("dspy.Predict(make())", STATEMENT),
        ("dspy.Predict(f'text -> {x}')", STATEMENT),
        ("dspy.Predict(Sort.append('x', dspy.OutputField()))", STATEMENT),
    ],
)
def test_each_kind_has_its_own(bot: Workspace, predictor: str, where: str | None) -> None:
    update(bot, "app.py", APP.replace("dspy.Predict(Sort)", predictor))
    name = "sort.react" if "ReAct" in predictor else "sort.predict" if "Chain" in predictor else "sort"
    assert home(bot, predictor=name) == (where or STATEMENT)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        # another predictor, here or elsewhere
        ("app.py", APP.replace("Predict(Sort)", "Predict(Sort)\n        self.again = dspy.Predict(Sort)")),
        ("other.py", "import dspy\nfrom signatures import Sort\np = dspy.Predict(Sort)\n"),
        ("other.py", "import dspy\nfrom signatures import Sort as S\np = dspy.Predict(S)\n"),
        ("other.py", "import dspy, signatures\np = dspy.Predict(signatures.Sort)\n"),
        ("other.py", "import dspy\nfrom signatures import *\np = dspy.Predict(Sort)\n"),
        ("other.py", f"{OWN}import signatures\np = dspy.Predict(signatures.Sort)\n"),
        # another program of the same parts
        ("other.py", "import dspy\nfrom app import Bot\nother = Bot()\n"),
        ("other.py", "import dspy\nfrom app import Bot\n\ndef test():\n    other = Bot()\n"),
        # derived from, or used nobody knows how
        ("signatures.py", f"{SIGNATURES}\n\nclass More(Sort):\n    more: str = dspy.OutputField()\n"),
        ("signatures.py", f"{SIGNATURES}\n\nmore = Sort.append('more', dspy.OutputField())\n"),
        ("signatures.py", f"{SIGNATURES}\n\ndef f():\n    return Sort\n"),
        ("other.py", "import dspy\nfrom signatures import Sort\nregister([Sort])\n"),
        ("other.py", "import dspy\nSort = make()\nuse(Sort)\n"),
        ("other.py", "import dspy\nfrom signatures import Sort\np = Sort.append('m', x)\ndef (:\n"),
        # defined twice
        ("signatures.py", f"{SIGNATURES}\n\nclass Sort(dspy.Signature):\n    a: str = dspy.InputField()\n"),
        # set otherwise
        ("signatures.py", SIGNATURES.replace("text: str", "__doc__ = 'Old.'\n    text: str", 1)),
    ],
)
def test_a_signature_with_other_uses_is_left_alone(bot: Workspace, path: str, text: str) -> None:
    update(bot, path, text)
    assert home(bot) == STATEMENT


@pytest.mark.parametrize(
    "text",
    [
        "import dspy\nfrom signatures import Find\nother = dspy.Predict(Find)\n",
        "import dspy\nfrom signatures import Sort\nLABELS = Sort.output_fields['label']\n",
        "import dspy\nfrom signatures import Sort\n",
        "import dspy\nfrom app import bot\nbot(text='Sort')\n",
        "import dspy\n\nclass Sort(dspy.Signature):\n    a: str = dspy.InputField()\n\np = dspy.Predict(Sort)\n",
        "import dspy\nSorter = 1\nuse(Sorter)\n",
    ],
)
def test_what_does_not_read_its_instructions_is_no_use(bot: Workspace, text: str) -> None:
    update(bot, "other.py", text)
    assert home(bot) == DOCSTRING


def test_one_module_in_two_places_has_one_docstring_for_both(bot: Workspace) -> None:
    text = APP.replace("bot = Bot()", "class Two(Bot):\n    pass\n\n\nbot = Two()")
    update(bot, "app.py", text)
    assert home(bot) == DOCSTRING
    outer = (
        "class Outer(dspy.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a = Bot()\n        self.b = Bot()\n\n\nbot = Outer()"
    )
    update(bot, "app.py", APP.replace("bot = Bot()", outer))
    assert home(bot, predictor="a.sort") == STATEMENT


@pytest.mark.parametrize(
    ("after", "chain", "where"),
    [
        ("a\n  b", False, DOCSTRING),
        ("a\n  b", True, STATEMENT),
        ("", False, DOCSTRING),
        ("", True, STATEMENT),
        ("  ", False, STATEMENT),
    ],
)
def test_what_the_docstring_cannot_carry(bot: Workspace, after: str, chain: bool, where: str) -> None:
    if chain:
        update(bot, "app.py", APP.replace("Predict", "ChainOfThought"))
    assert home(bot, after=after, predictor="sort.predict" if chain else "sort") == where


def test_what_was_told_otherwise_at_run_time(bot: Workspace) -> None:
    assert home(bot, before="Told by code.") == STATEMENT


def test_a_load_that_stays_has_the_last_word(bot: Workspace) -> None:
    update(bot, "app.py", APP + "bot.load('old.json')\n")
    assert home(bot) == STATEMENT


def test_nowhere_without_a_construction(bot: Workspace) -> None:
    update(bot, "app.py", APP + "x = 1\nbot.sort.signature = other\n")
    assert home(bot) is None
