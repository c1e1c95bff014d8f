"""`⟦code:severity|…⟧` marks the text a diagnostic stands on."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.run_samples import artifact_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.server.artifacts.reader import ArtifactReader
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.rules import Diagnostic
from tunesmith.server.workspace.workspace import Workspace

MARK = re.compile(r"⟦([\w-]+):(\w+)\|(.*?)⟧", re.DOTALL)

SIGNATURES = """
import dspy


class Sort(dspy.Signature):
    '''Tell what it is about.'''

    text: str = dspy.InputField()
    kind: str = dspy.InputField(desc="a hint")
    label: bool = dspy.OutputField()
"""
APP = """
import dspy

from signatures import Sort


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)


bot = Bot()
bot.load("bot.json")
"""
PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'


def saved(workspace: Workspace, expression: str = "bot", **changes: Any) -> str:
    """The artifact of a run that started from the program as it is."""
    program = workspace.index.view.resolve_program("app.py", expression)
    assert program is not None
    report = artifact_report(target="bot", fingerprint=fingerprint_of(program), **changes)
    return json.dumps({"metadata": {"dependency_versions": {}, "tunesmith": msgspec.to_builtins(report)}})


def found_in(workspace: Workspace, path: str) -> list[Diagnostic]:
    return diagnose(snapshot_of(workspace, snapshot()), path)


def check(workspace: Workspace, marked: dict[str, str]) -> dict[str, list[str]]:
    """The diagnostics of each file stand on its marks; returns their messages."""
    texts = {path: text.removeprefix("\n") for path, text in marked.items()}
    for path, text in texts.items():
        update(workspace, path, MARK.sub(r"\3", text))
    messages = {}
    for path, text in texts.items():
        found = found_in(workspace, path)
        plain = MARK.sub(r"\3", text)
        shown = [(one.code, one.severity, plain[one.span.start : one.span.end]) for one in found]
        assert shown == [mark.groups() for mark in MARK.finditer(text)], path
        messages[path] = [one.message for one in found]
    return messages


@pytest.fixture
def bot(tmp_path: Path) -> Workspace:
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "signatures.py": SIGNATURES, "app.py": APP})
    update(workspace, "bot.json", saved(workspace))
    return workspace


def test_a_fresh_artifact_is_fine(bot: Workspace) -> None:
    check(bot, {"signatures.py": SIGNATURES, "app.py": APP})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "text: str = dspy.InputField()",
            "⟦W|question⟧: str = dspy.InputField()",
            "`text` of `sort` is now `question`",
        ),
        ("text: str = dspy.InputField()", "⟦W|text⟧: list[str] = dspy.InputField()", "is `list[str]`, it was `str`"),
        (
            'kind: str = dspy.InputField(desc="a hint")',
            '⟦W|kind⟧: str = dspy.InputField(desc="a clue")',
            "changed from “a hint” to “a clue”",
        ),
        ("'''Tell what it is about.'''", "⟦W|'''Say what it is about.'''⟧", "from “Tell what it is about.” to “Say"),
        ("class Sort(", "class ⟦W|Sort⟧(", "field `kind` of `sort` is gone"),
        (
            "label: bool = dspy.OutputField()",
            "label: bool = dspy.OutputField()\n    ⟦W|extra⟧: str = dspy.OutputField()",
            "`extra` of `sort` is new",
        ),
    ],
)
def test_the_line_that_changed_is_marked_and_the_load_points_there(
    bot: Workspace, old: str, new: str, message: str
) -> None:
    changed = SIGNATURES.replace(old, new.replace("⟦W|", "⟦stale-artifact:warning|"))
    if "gone" in message:
        changed = re.sub(r"    kind: .*\n", "", changed)
    messages = check(
        bot,
        {
            "signatures.py": changed,
            "app.py": APP.replace('bot.load("bot.json")', '⟦stale-artifact:information|bot.load("bot.json")⟧'),
        },
    )
    assert message in messages["signatures.py"][0]
    assert messages["signatures.py"][0].startswith("bot.json is stale: ")
    assert "signatures.py:" in messages["app.py"][0]


DOCSTRING = "'''Tell what it is about.'''"


@pytest.mark.parametrize(
    ("docstring", "message"),
    [
        (DOCSTRING, None),
        ("'''Say:\n      a, b\n    '''", None),
        ("'''Say: a, b'''", "the instructions of `sort` changed from “Tell what it is about.” to “Say: a, b”"),
    ],
)
def test_its_own_instruction_in_the_source_is_no_change(bot: Workspace, docstring: str, message: str | None) -> None:
    """Loaded, it is told either way."""
    told = ("Tell what it is about.", "Say:\na, b")
    update(bot, "bot.json", saved(bot, instructions={"sort": told}))
    update(bot, "signatures.py", SIGNATURES.replace(DOCSTRING, docstring))
    messages = [one.message for one in found_in(bot, "signatures.py")]
    assert len(messages) == (message is not None)
    assert message is None or message in messages[0]


def test_another_predictors_instruction_is_a_change(bot: Workspace) -> None:
    update(bot, "bot.json", saved(bot, instructions={"other": ("Tell what it is about.", "Say it.")}))
    update(bot, "signatures.py", SIGNATURES.replace("Tell what it is about.", "Say it."))
    assert len(found_in(bot, "signatures.py")) == 1


def test_related_places_lead_to_and_fro(bot: Workspace) -> None:
    update(bot, "signatures.py", SIGNATURES.replace("text:", "question:"))
    (there,) = found_in(bot, "signatures.py")
    (here,) = found_in(bot, "app.py")
    assert [(one.path, one.span) for one in there.related] == [("app.py", here.span)]
    assert [(one.path, one.span) for one in here.related] == [("signatures.py", there.span)]
    assert there.data == {"artifact": "bot.json", "target": "bot", "change": "field-renamed"}


def test_a_change_in_the_file_of_the_load_is_marked_where_it_was_made(bot: Workspace) -> None:
    app = APP.replace("dspy.Predict(Sort)", "⟦stale-artifact:warning|dspy.ChainOfThought(Sort)⟧").replace(
        "class Bot", "class ⟦stale-artifact:warning|Bot⟧"
    )
    messages = check(bot, {"app.py": app, "signatures.py": SIGNATURES})["app.py"]
    assert ["predictor `sort` is gone" in messages[0], "predictor `sort.predict` is new" in messages[1]] == [True, True]


def test_two_loads_of_one_file_mark_a_line_once(bot: Workspace) -> None:
    update(bot, "app.py", APP + 'other = Bot()\nother.load("bot.json")\n')
    update(bot, "signatures.py", SIGNATURES.replace("text:", "question:"))
    assert len(found_in(bot, "signatures.py")) == 1


def test_a_dynamic_program_cannot_be_told(bot: Workspace) -> None:
    app = APP.replace(
        "self.sort = dspy.Predict(Sort)\n",
        "for name in names():\n            setattr(self, name, dspy.Predict(Sort))\n",
    )
    update(bot, "app.py", app)
    update(bot, "bot.json", saved(bot))
    messages = check(bot, {"app.py": app.replace('bot.load("bot.json")', '⟦stale-artifact:hint|bot.load("bot.json")⟧')})
    assert messages["app.py"][0].startswith("Cannot tell whether bot.json is stale: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There is no bot.json"),
        ("{", "bot.json cannot be loaded: it is not JSON"),
        ("[]", "it is not a program's state"),
        ('{"metadata": {"tunesmith": {"report": 1}}}', "its metadata cannot be read"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_said(bot: Workspace, content: str | None, message: str) -> None:
    if content is None:
        (bot.root / "bot.json").unlink()
    else:
        update(bot, "bot.json", content)
    messages = check(
        bot, {"app.py": APP.replace('bot.load("bot.json")', '⟦missing-artifact:warning|bot.load("bot.json")⟧')}
    )
    assert message in messages["app.py"][0]


@pytest.mark.parametrize(
    "load",
    [
        "bot.load(path)",
        'bot.load("/absolute/bot.json")',
        'bot.load("../outside.json")',
        'bot.load("bot.pkl")',
        'unknown.load("none.json")',
    ],
)
def test_what_cannot_be_followed_is_left_alone(bot: Workspace, load: str) -> None:
    check(bot, {"app.py": APP.replace('bot.load("bot.json")', load)})


@pytest.mark.parametrize(
    ("path", "load", "file"),
    [
        ("app.py", 'bot.load(Path(__file__).parent / "compiled" / "bot.json")', "compiled/bot.json"),
        ("src/app.py", 'bot.load(Path(__file__).parents[1] / "compiled" / "bot.json")', "compiled/bot.json"),
        ("src/app.py", 'bot.load(Path(__file__).parent / "bot.json")', "src/bot.json"),
        ("src/app.py", 'bot.load("bot.json")', "src/bot.json"),
        ("src/app.py", 'bot.load("src/bot.json")', "src/bot.json"),
    ],
)
def test_paths_are_looked_for_where_they_may_lead(tmp_path: Path, path: str, load: str, file: str) -> None:
    source = "from pathlib import Path\nimport dspy\nbot = dspy.Predict('a -> b')\n" + load + "\n"
    workspace = workspace_of(tmp_path, {path: source})
    assert [one.code for one in found_in(workspace, path)] == ["missing-artifact"]
    update(workspace, file, json.dumps(saved_by_dspy("a", "b")))
    assert found_in(workspace, path) == []


def saved_by_dspy(*fields: str, predictor: str | None = None) -> dict[str, Any]:
    one = {
        "signature": {"instructions": "", "fields": [{"prefix": "", "description": f"${{{name}}}"} for name in fields]}
    }
    return {predictor: one} if predictor else one


@pytest.mark.parametrize(
    ("construction", "state", "message"),
    [
        ("dspy.Predict('a -> b')", saved_by_dspy("a", "b"), None),
        ("dspy.ChainOfThought('a -> b')", saved_by_dspy("a", "reasoning", "b", predictor="predict"), None),
        (
            "dspy.ReAct('a -> b', tools=[])",
            {**saved_by_dspy("x", predictor="react"), **saved_by_dspy("y", predictor="extract.predict")},
            None,
        ),
        ("dspy.Predict('a -> b')", saved_by_dspy("q", "b"), "the saved field `q` of `self` is now `a`"),
        (
            "dspy.ChainOfThought('a -> b')",
            saved_by_dspy("a", "reasoning", "c", predictor="predict"),
            "`c` of `predict` is now `b`",
        ),
        ("dspy.Predict('a, b -> c')", saved_by_dspy("b", "a", "c"), "the saved field `b` of `self` is now `a`"),
        ("dspy.Predict('a -> b')", saved_by_dspy("a", "b", "c"), "`self` was saved with 3 fields and has 2"),
        ("dspy.Predict('a -> b')", saved_by_dspy("a", "b", predictor="old"), "its predictor `old` is gone"),
        ("dspy.Predict('a -> b')", saved_by_dspy("a", "b", predictor="old"), "it has no predictor `self`"),
    ],
)
def test_a_state_saved_by_dspy_is_compared_by_what_it_keeps(
    tmp_path: Path, construction: str, state: dict[str, Any], message: str | None
) -> None:
    source = f"import dspy\nbot = {construction}\nbot.load('bot.json')\n"
    workspace = workspace_of(tmp_path, {"app.py": source, "bot.json": json.dumps(state)})
    messages = [one.message for one in found_in(workspace, "app.py")]
    assert messages == [] if message is None else any(message in one for one in messages)


def test_a_file_is_read_again_when_it_changed(bot: Workspace) -> None:
    reader = ArtifactReader()
    first = reader.read(bot.snapshot())["bot.json"]
    assert reader.read(bot.snapshot())["bot.json"].report is first.report
    update(bot, "bot.json", "{}")
    assert reader.read(bot.snapshot())["bot.json"].report is None
    (bot.root / "bot.json").unlink()
    assert not reader.read(bot.snapshot())["bot.json"].exists
