import json
from pathlib import Path
from typing import Any

import pytest

from support.runs.run_samples import artifact_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.compose import compose_edit, possible_forms
from tunesmith.server.edits.program_edit import Form, ProgramEdit, Refusal, apply_edits
from tunesmith.server.edits.text.diff import unified_diff
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.offers.applied import find_applied
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
SIGNATURES = """
import dspy


class Sort(dspy.Signature):
    '''Sort it.'''

    text: str = dspy.InputField()
    label: str = dspy.OutputField()
"""
APP = """
import dspy

from signatures import Sort


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)
        self.find = dspy.Predict(dspy.Signature("text -> found", "Find it."))
        self.agent = dspy.ReAct("text -> answer", tools=[])


bot = Bot()
"""
NAMES = ["sort", "find", "agent.react", "agent.extract.predict"]
BEFORE = {"sort": "Sort it.", "find": "Find it.", "agent.react": "React.", "agent.extract.predict": "Extract."}
CHANGED = {"sort": "Sort it well.", "find": "Find it all.", "agent.react": "Act."}
DEMOS = {"find": [{"text": "a", "found": "b"}]}


@pytest.fixture
def bot(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "signatures.py": SIGNATURES, "app.py": APP})


def artifact_of(
    workspace: Workspace,
    changed: dict[str, str] = CHANGED,
    *,
    before: dict[str, str] = BEFORE,
    demos: dict[str, list[dict[str, Any]]] = DEMOS,
    **changes: Any,
) -> tuple[ArtifactReport, str]:
    """Of a run that started from the program as it is; and its `program.json`."""
    program = workspace.snapshot().find_target("bot").program
    assert program is not None
    instructions = {name: (before[name], text) for name, text in changed.items()}
    report = artifact_report(
        target="bot",
        fingerprint=fingerprint_of(program),
        demos=demos,
        predictors=NAMES,
        instructions=instructions,
        **changes,
    )
    states = {
        name: {
            "traces": [],
            "train": [],
            "demos": demos.get(name, []),
            "signature": {"instructions": {**before, **changed}[name], "fields": []},
            "lm": None,
        }
        for name in NAMES
    }
    return report, json.dumps({**states, "metadata": {"dependency_versions": {"dspy": "3.4.1"}}})


def compose(
    workspace: Workspace, made: tuple[ArtifactReport, str], form: Form = "instructions", predictor: str | None = None
) -> ProgramEdit | Refusal:
    return compose_edit(workspace.snapshot(), workspace.snapshot().find_target("bot"), *made, form, predictor)


def apply(workspace: Workspace, edit: ProgramEdit | Refusal) -> dict[str, str]:
    """The texts of the files it edits."""
    assert isinstance(edit, ProgramEdit), edit
    for path, edits in edit.edits.items():
        update(workspace, path, apply_edits(workspace.index.view.text(path) or "", edits))
    return {path: workspace.index.view.text(path) or "" for path in edit.edits}


def row(text: str) -> list[str]:
    """The lines after the construction."""
    return text.partition("\nbot = Bot()\n")[2].splitlines()


def test_each_goes_where_it_lives(bot: Workspace) -> None:
    edit = compose(bot, artifact_of(bot))
    texts = apply(bot, edit)
    assert isinstance(edit, ProgramEdit)
    assert edit.summary == "Write the new instructions of 3 predictors and 1 demo into signatures.py and app.py."
    assert '    """Sort it well."""\n\n    text' in texts["signatures.py"]
    assert 'dspy.Predict(dspy.Signature("text -> found", "Find it all."))' in texts["app.py"]
    assert row(texts["app.py"]) == [
        'bot.agent.react.signature = bot.agent.react.signature.with_instructions("Act.")',
        'bot.find.demos = [{"text": "a", "found": "b"}]',
    ]


def test_the_diff_shows_every_file(bot: Workspace) -> None:
    edit = compose(bot, artifact_of(bot))
    assert isinstance(edit, ProgramEdit)
    lines = unified_diff(bot.snapshot(), edit).splitlines()
    assert [line for line in lines if line.startswith("+++")] == ["+++ b/signatures.py", "+++ b/app.py"]
    assert '+    """Sort it well."""' in lines


def test_one_predictors_leaves_the_rest(bot: Workspace) -> None:
    made = artifact_of(bot)
    update(bot, "app.py", (bot.index.view.text("app.py") or "") + "bot.sort.demos = [{}]\n")
    assert list(apply(bot, compose(bot, made, predictor="sort"))) == ["signatures.py"]
    acted = apply(bot, compose(bot, made, predictor="agent.react"))["app.py"]
    assert row(acted) == [
        'bot.agent.react.signature = bot.agent.react.signature.with_instructions("Act.")',
        "bot.sort.demos = [{}]",
    ]
    assert compose(bot, made, predictor="sort") == ProgramEdit(
        edits={}, new_files={}, summary="Write the new instruction of `sort` into app.py."
    )
    applied = find_applied(bot.snapshot(), bot.snapshot().find_target("bot"), made[0], {})
    assert (applied.form, applied.instructions, applied.demos) == (None, frozenset({"sort", "agent.react"}), False)
    offer = snapshot_of(bot, snapshot("bot", artifact=made[0]), {}).offer_of("bot")
    assert offer is not None
    assert offer.missing == ["find"]
    apply(bot, compose(bot, made))
    assert find_applied(bot.snapshot(), bot.snapshot().find_target("bot"), made[0], {}).form == "instructions"


def test_beside_a_load_it_comes_after_it(bot: Workspace) -> None:
    update(bot, "app.py", (bot.index.view.text("app.py") or "") + "bot.load('old.json')\n")
    text = apply(bot, compose(bot, artifact_of(bot, demos={}), predictor="sort"))["app.py"]
    assert row(text) == [
        "bot.load('old.json')",
        'bot.sort.signature = bot.sort.signature.with_instructions("Sort it well.")',
    ]


def test_a_load_of_an_earlier_artifact_makes_room_for_the_source(bot: Workspace) -> None:
    """What the run was told came from the file, and goes into the source now, changed or not."""
    update(bot, "app.py", (bot.index.view.text("app.py") or "") + "bot.load('old.json')\n")
    loaded = {**BEFORE, "sort": "Earlier.", "find": "Earlier, too."}
    texts = apply(bot, compose(bot, artifact_of(bot, {"sort": "Sort it well."}, before=loaded, demos={})))
    assert '"""Sort it well."""' in texts["signatures.py"]
    assert '"Earlier, too."' in texts["app.py"]
    assert row(texts["app.py"]) == [
        'bot.agent.react.signature = bot.agent.react.signature.with_instructions("React.")',
        "bot.agent.extract.predict.signature = bot.agent.extract.predict.signature.with_instructions(",
        '    "Extract."',
        ")",
    ]


def test_code_that_sets_instructions_keeps_the_last_word(bot: Workspace) -> None:
    """Beside a load, nobody can tell what it would say without it."""
    text = (bot.index.view.text("app.py") or "").replace(
        "self.find =", "self.sort.signature = make()\n        self.find ="
    )
    update(bot, "app.py", text + "bot.load('old.json')\n")
    loaded = {**BEFORE, "sort": "Earlier."}
    texts = apply(bot, compose(bot, artifact_of(bot, {"sort": "Sort it well."}, before=loaded, demos={})))
    assert list(texts) == ["app.py"]
    assert 'bot.sort.signature = bot.sort.signature.with_instructions("Sort it well.")' in row(texts["app.py"])


@pytest.mark.parametrize("predictor", ["sort", "agent.react"])
def test_an_instruction_set_by_an_earlier_edit_stays(bot: Workspace, predictor: str) -> None:
    told = f'bot.{predictor}.signature = bot.{predictor}.signature.with_instructions("Earlier.")'
    update(bot, "app.py", (bot.index.view.text("app.py") or "") + f"{told}\n")
    made = artifact_of(bot, {"find": "Find it all."}, before={**BEFORE, predictor: "Earlier."})
    assert row(apply(bot, compose(bot, made))["app.py"]) == [told, 'bot.find.demos = [{"text": "a", "found": "b"}]']
    demos = artifact_of(bot, {}, before={**BEFORE, predictor: "Earlier.", "find": "Find it all."})
    assert compose(bot, demos, "demos") == ProgramEdit(edits={}, new_files={}, summary="Write 1 demo into app.py.")


def test_a_loaded_state_is_spelled_so_that_dspy_reads_it(bot: Workspace) -> None:
    edit = compose(bot, artifact_of(bot, {"sort": "First:\n  1. sort", "find": "Find it all."}), "load")
    assert isinstance(edit, ProgramEdit)
    saved = json.loads(edit.new_files["compiled/bot.json"])
    assert saved["sort"]["signature"]["instructions"] == "\nFirst:\n  1. sort"
    assert saved["find"]["signature"]["instructions"] == "Find it all."


@pytest.mark.parametrize(
    ("changes", "form", "predictor", "reason"),
    [
        ({}, "instructions", "gone", "does not change the instruction of gone"),
        ({}, "instructions", "agent.extract.predict", "does not change the instruction of agent.extract.predict"),
        ({}, "demos", None, "changes the instructions of sort"),
        ({"changed": {}}, "instructions", None, "changes no instructions"),
        ({"changed": {"agent.react": "a\tb"}}, "instructions", None, "read the instruction of agent.react back"),
        ({"changed": {"sort": "a\tb"}}, "instructions", "sort", "read the instruction of sort back"),
        ({"literal_demos": False}, "instructions", None, "not literals"),
    ],
)
def test_what_is_refused(
    bot: Workspace, changes: dict[str, Any], form: Form, predictor: str | None, reason: str
) -> None:
    refusal = compose(bot, artifact_of(bot, **changes), form, predictor)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert refusal.next_step is not None


@pytest.mark.parametrize(
    "line",
    [
        "bot.sort.signature = other",
        "bot.sort.signature.instructions = 'x'",
        "bot.sort.signature = bot.sort.signature.with_instructions('x')",
    ],
)
def test_what_would_override_it_is_told(bot: Workspace, line: str) -> None:
    made = artifact_of(bot)
    update(bot, "app.py", (bot.index.view.text("app.py") or "") + f"x = 1\n{line}\n")
    refusal = compose(bot, made)
    assert isinstance(refusal, Refusal)
    assert "would override" in refusal.reason
    assert refusal.where == "app.py:16"


@pytest.mark.parametrize(
    ("changes", "forms"),
    [
        ({}, ["load", "instructions"]),
        ({"demos": {}}, ["load", "instructions"]),
        ({"changed": {}}, ["load", "demos"]),
        ({"changed": {}, "demos": {}}, ["load"]),
        ({"literal_demos": False}, ["load"]),
        ({"changed": {"sort": "\xa0a"}}, ["load", "instructions"]),
        ({"changed": {"sort": "a\n\xa0b\n\xa0\xa0c"}}, ["load"]),
    ],
)
def test_forms(bot: Workspace, changes: dict[str, Any], forms: list[str]) -> None:
    assert possible_forms(bot.snapshot(), bot.snapshot().find_target("bot"), artifact_of(bot, **changes)[0]) == forms


def test_a_file_in_another_coding_stays_ascii(bot: Workspace) -> None:
    update(bot, "signatures.py", "# coding: latin-1\n" + (bot.index.view.text("signatures.py") or ""))
    texts = apply(bot, compose(bot, artifact_of(bot, {"sort": "Für dich: 🎉"}, demos={})))
    assert '"""F\\xfcr dich: \\U0001f389"""' in texts["signatures.py"]
