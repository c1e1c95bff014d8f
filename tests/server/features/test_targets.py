"""Targets as clients see them: the program as the source tells it, and what a run has for its predictors."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.finetune_samples import student
from support.runs.run_samples import artifact_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.protocol.session_messages import PredictorInfo, ProgramInfo, TargetInfo
from tunesmith.server.features.targets import list_targets
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.runs.snapshot import RunsSnapshot
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
FILES = {
    "pyproject.toml": PYPROJECT,
    "parts.py": """
import dspy


class Sort(dspy.Signature):
    text: str = dspy.InputField()
    label: str = dspy.OutputField()


class Base(dspy.Module):
    def __init__(self):
        super().__init__()
        self.ask = dspy.ChainOfThought("text -> answer")


class Inner(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)


class Unused(Inner):
    pass
""",
    "app.py": """
import dspy
from parts import Base, Inner


class Bot(Base):
    def __init__(self):
        super().__init__()
        self.inner = Inner()


bot = Bot()
""",
}
DYNAMIC = """
import dspy
class Bot(dspy.Module):
    def __init__(self):
        self.many = make()
    def forward(self):
        return self.many()
bot = Bot()
"""
ASK = PredictorInfo(name="ask.predict", kind="ChainOfThought", signature="text -> answer", file="parts.py", line=12)
SORT = PredictorInfo(name="inner.sort", kind="Predict", signature="Sort", file="parts.py", line=18)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, FILES)


def only(workspace: Workspace, runs: RunsSnapshot | None = None) -> TargetInfo:
    (target,) = list_targets(snapshot_of(workspace, runs or RunsSnapshot(targets={})), []).targets
    return target


def test_a_program_with_its_parts_wherever_they_stand(workspace: Workspace) -> None:
    assert only(workspace).definition == ProgramInfo(
        name="Bot",
        file="app.py",
        line=5,
        predictors=[ASK, SORT],
        modules=["app.py:Bot", "parts.py:Base", "parts.py:Inner"],
    )


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (
            "import dspy\nbot = dspy.Predict('a -> b')\n",
            ProgramInfo(
                name="dspy.Predict('a -> b')",
                file="app.py",
                line=2,
                predictors=[PredictorInfo(name="self", kind="Predict", signature="a -> b", file="app.py", line=2)],
                modules=[],
            ),
        ),
        (
            DYNAMIC,
            ProgramInfo(
                name="Bot",
                file="app.py",
                line=2,
                predictors=[PredictorInfo(name="many*", kind="", signature=None, file="app.py", line=2, dynamic=True)],
                modules=["app.py:Bot"],
            ),
        ),
        ("import dspy\nbot = make()\n", None),
    ],
    ids=["bare predictor", "dynamic", "not to be followed"],
)
def test_other_programs(workspace: Workspace, app: str, expected: ProgramInfo | None) -> None:
    update(workspace, "app.py", app)
    assert only(workspace).definition == expected


def test_what_the_newest_run_has_for_each_predictor(workspace: Workspace) -> None:
    demo: dict[str, Any] = {"text": "a", "label": "b"}
    program = workspace.snapshot().find_target("bot").program
    assert program is not None
    ask = program.predictors[0].signature
    assert ask is not None
    artifact = artifact_report(
        target="bot",
        fingerprint=fingerprint_of(program),
        demos={"inner.sort": [demo, demo]},
        instructions={"ask.predict": (ask.fact.instructions or "", "Say it.")},
    )
    artifact = msgspec.structs.replace(artifact, students=[student("inner.sort")])
    runs = snapshot("bot", artifact=artifact)
    found = only(workspace, runs).definition
    assert found is not None
    tuned = [(one.name, one.instruction, one.demos, one.model) for one in found.predictors]
    assert tuned == [("ask.predict", True, 0, None), ("inner.sort", False, 2, student().model)]
    update(workspace, "parts.py", FILES["parts.py"].replace("label", "topic"))
    stale = only(workspace, runs).definition
    assert stale is not None
    assert [(one.instruction, one.demos, one.model) for one in stale.predictors] == [(False, 0, None)] * 2
