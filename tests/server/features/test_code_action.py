import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.finetune_samples import student
from support.runs.run_samples import artifact_report, run_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.protocol import ArtifactReport
from tunesmith.server.artifacts.reader import ArtifactReader
from tunesmith.server.features.code_action import Action, code_actions
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
APP = "import dspy\n\nbot = dspy.Predict('text -> label')\nx = 1\n"
DEMOS = {"self": [{"text": "a", "label": "b"}, {"text": "c", "label": "d"}]}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": APP})


def tuned(workspace: Workspace, **changes: Any) -> ArtifactReport:
    program = workspace.snapshot().find_target("bot").program
    assert program is not None
    values = {"fingerprint": fingerprint_of(program), "demos": DEMOS, **changes}
    return artifact_report(target="bot", **values)


def actions_at(workspace: Workspace, artifact: ArtifactReport | None, words: str) -> list[Action]:
    """The actions where `words` stand in app.py."""
    start = (workspace.index.view.text("app.py") or "").index(words)
    runs = snapshot("bot", artifact=artifact)
    artifacts = ArtifactReader().read(workspace.snapshot())
    return code_actions(snapshot_of(workspace, runs, artifacts), "app.py", start, start + len(words))


def loaded(workspace: Workspace, artifact: ArtifactReport) -> None:
    state = {"metadata": {"dependency_versions": {}, "tunesmith": msgspec.to_builtins(artifact)}}
    update(workspace, "compiled/bot.json", json.dumps(state))
    update(workspace, "app.py", APP.replace("x = 1", 'bot.load("compiled/bot.json")'))


def test_an_improvement_can_be_applied_in_both_forms(workspace: Workspace) -> None:
    load, demos = actions_at(workspace, tuned(workspace), "bot =")
    assert load == Action(
        title="Load the compiled program (15 % → 82 %, confirmed)",
        kind="quickfix",
        target="bot",
        run_id="run-1",
        form="load",
        is_preferred=True,
        codes=["improvement-available"],
    )
    assert (demos.title, demos.form, demos.is_preferred) == (
        "Write the 2 demos into the source (15 % → 82 %, confirmed)",
        "demos",
        False,
    )


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("label')", 2),
        ("x = 1", 0),
        ("import dspy", 0),
    ],
)
def test_actions_belong_to_their_place(workspace: Workspace, words: str, count: int) -> None:
    assert len(actions_at(workspace, tuned(workspace), words)) == count


@pytest.mark.parametrize(
    ("changes", "forms"),
    [({}, ["load", "demos"]), ({"literal_demos": False}, ["load"])],
)
def test_demos_that_are_no_literals_are_only_loaded(
    workspace: Workspace, changes: dict[str, Any], forms: list[str]
) -> None:
    assert [one.form for one in actions_at(workspace, tuned(workspace, **changes), "bot =")] == forms


def test_a_finetuned_model_is_loaded_and_copied_by_the_server(workspace: Workspace) -> None:
    artifact = msgspec.structs.replace(tuned(workspace), students=[student("self")])
    (load,) = actions_at(workspace, artifact, "bot =")
    assert (load.title, load.form, load.copies_models) == (
        "Load the compiled program and its finetuned model (15 % → 82 %, confirmed)",
        "load",
        True,
    )


def test_nothing_without_a_run_or_with_a_stale_one(workspace: Workspace) -> None:
    assert actions_at(workspace, None, "bot =") == []
    artifact = tuned(workspace)
    update(workspace, "app.py", APP.replace("text", "query"))
    assert actions_at(workspace, artifact, "bot =") == []


def test_an_applied_artifact_can_change_its_form(workspace: Workspace) -> None:
    artifact = tuned(workspace)
    loaded(workspace, artifact)
    (to_demos,) = actions_at(workspace, artifact, "bot =")
    assert (to_demos.form, to_demos.kind, to_demos.codes) == ("demos", "refactor.rewrite", [])
    update(workspace, "app.py", APP.replace("x = 1", f"bot.demos = {DEMOS['self']}"))
    (to_load,) = actions_at(workspace, artifact, "bot =")
    assert (to_load.form, to_load.kind) == ("load", "refactor.rewrite")


def test_a_stale_artifact_can_be_tuned_again(workspace: Workspace) -> None:
    artifact = tuned(workspace)
    loaded(workspace, artifact)
    update(workspace, "app.py", (workspace.index.view.text("app.py") or "").replace("text ->", "query ->"))
    (again,) = actions_at(workspace, artifact, "query")
    assert (again.title, again.kind, again.command, again.codes) == (
        "Tune bot again",
        "quickfix",
        "tunesmith.tune",
        ["stale-artifact"],
    )
    assert again.arguments == [{"root": str(workspace.root), "target": "bot"}]


def test_titles_do_without_scores(workspace: Workspace) -> None:
    report = run_report(target="bot", baseline=None, gain=None)
    artifact = msgspec.structs.replace(tuned(workspace), report=report)
    assert [one.title for one in actions_at(workspace, artifact, "bot =")] == [
        "Load the compiled program",
        "Write the 2 demos into the source",
    ]


SEVERAL = """
import dspy


class Sort(dspy.Signature):
    'Sort it.'

    text: str = dspy.InputField()
    label: str = dspy.OutputField()


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)
        self.find = dspy.Predict("text -> found")
        self.agent = dspy.ReAct("text -> answer", tools=[])


bot = Bot()
"""
TOLD = {
    "sort": ("Sort it.", "Sort it well."),
    "find": ("Given the fields `text`, produce the fields `found`.", "Find it."),
    "agent.react": ("React.", "Act."),
}
ONE_DEMO = {"sort": [{"text": "a", "label": "b"}]}


def test_instructions_can_be_written_together_or_one_by_one(workspace: Workspace) -> None:
    update(workspace, "app.py", SEVERAL)
    artifact = tuned(workspace, demos=ONE_DEMO, instructions=TOLD)
    offered = actions_at(workspace, artifact, "bot =")
    assert [(one.title, one.form, one.predictor) for one in offered] == [
        ("Load the compiled program (15 % → 82 %, confirmed)", "load", None),
        ("Write the new instructions and 1 demo into the source (15 % → 82 %, confirmed)", "instructions", None),
        ("Write the new instruction of `sort` into its docstring", "instructions", "sort"),
        ("Write the new instruction of `find` into its signature", "instructions", "find"),
        ("Write the new instruction of `agent.react` after `bot = …`", "instructions", "agent.react"),
    ]
    assert [one.is_preferred for one in offered] == [True, False, False, False, False]
    assert {one.kind for one in offered} == {"quickfix"}


def test_what_stands_already_is_not_offered_again(workspace: Workspace) -> None:
    update(workspace, "app.py", SEVERAL)
    artifact = tuned(workspace, demos=ONE_DEMO, instructions=TOLD)
    written = SEVERAL.replace("'Sort it.'", "'Sort it well.'")
    update(workspace, "app.py", written)
    assert [one.title.partition(" (")[0] for one in actions_at(workspace, artifact, "bot =")] == [
        "Load the compiled program",
        "Write the new instructions and 1 demo into the source",
        "Write the new instruction of `find` into its signature",
        "Write the new instruction of `agent.react` after `bot = …`",
    ]
    written = written.replace('"text -> found"', 'dspy.Signature("text -> found", "Find it.")')
    update(workspace, "app.py", f"{written}bot.sort.demos = {ONE_DEMO['sort']}\n")
    assert [one.title.partition(" (")[0] for one in actions_at(workspace, artifact, "bot =")] == [
        "Load the compiled program",
        "Write the new instruction into the source",
    ]


def test_one_instruction_is_written_with_the_demos(workspace: Workspace) -> None:
    told = {"self": ("Given the fields `text`, produce the fields `label`.", "Sort it.")}
    titles = [
        one.title.partition(" (")[0] for one in actions_at(workspace, tuned(workspace, instructions=told), "bot =")
    ]
    assert titles == ["Load the compiled program", "Write the new instruction and 2 demos into the source"]


def test_a_loaded_artifact_can_move_into_the_source(workspace: Workspace) -> None:
    told = {"self": ("Given the fields `text`, produce the fields `label`.", "Sort it.")}
    artifact = tuned(workspace, demos={}, predictors=["self"], instructions=told)
    loaded(workspace, artifact)
    (to_source,) = actions_at(workspace, artifact, "bot =")
    assert to_source.title.startswith("Write the new instruction into the source")
    assert (to_source.form, to_source.predictor, to_source.kind) == ("instructions", None, "refactor.rewrite")
    update(workspace, "app.py", APP.replace("'text -> label'", "dspy.Signature('text -> label', 'Sort it.')"))
    (to_load,) = actions_at(workspace, artifact, "bot =")
    assert (to_load.form, to_load.kind) == ("load", "refactor.rewrite")
