"""Suggestions accepted and run again by dspy give predictors the artifact's state, and change nothing else of it."""

import tempfile
from pathlib import Path
from typing import Any

import dspy
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from support.runs.run_samples import artifact_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, workspace_of
from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.program_edit import apply_edits
from tunesmith.server.features.inline_completion import fill_gap, find_gaps
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.offers.applied import find_applied
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "bot.py:bot"\n'
SOURCE = '''"""A bot: ünïcödé 🎉."""
import dspy


class Sort(dspy.Signature):
    """Tell what it is about."""

    text: str = dspy.InputField()
    label: str = dspy.OutputField()


class Reason(dspy.Signature):
    """Say why."""

    text: str = dspy.InputField()
    why: str = dspy.OutputField()


class Inner(dspy.Module):
    def __init__(self):
        super().__init__()
        self.reason = dspy.ChainOfThought(Reason)


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)
        self.inner = Inner()


bot = Bot()
'''
DOCSTRINGS = {"sort": '"""Tell what it is about."""', "inner.reason.predict": '"""Say why."""'}
LINES = {
    "sort": "self.sort = dspy.Predict(Sort)\n",
    "inner.reason.predict": "self.reason = dspy.ChainOfThought(Reason)\n",
}
HOSTILE = "ab \t\n\"'\\\\ é🎉\u2028\u202e{}[]#$<>`"
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text(HOSTILE, max_size=200)
VALUES = TEXT | st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.lists(TEXT, max_size=2)
DEMOS = st.lists(
    st.dictionaries(st.sampled_from(["augmented", "text", "label", "why", "reasoning"]), VALUES), max_size=3
)


def run(source: str, file: Path) -> Any:
    file.write_text(source, encoding="utf-8", newline="")
    namespace: dict[str, Any] = {"__name__": "bot", "__file__": str(file)}
    exec(compile(file.read_bytes(), str(file), "exec"), namespace)
    return namespace["bot"]


def accept(workspace: Workspace, artifact: ArtifactReport, program_json: str, source: str, cursor: int) -> str | None:
    """The source with the only suggestion at the cursor; the workspace has it too then."""
    workspace.index.update("bot.py", source)
    runs = snapshot("bot", artifact=artifact)
    filled = [
        fill_gap(gap, "bot.py", cursor, program_json)
        for gap in find_gaps(snapshot_of(workspace, runs, {}), "bot.py", cursor)
    ]
    edits = [one for one in filled if one is not None]
    if not edits:
        return None
    source = apply_edits(source, edits)
    workspace.index.update("bot.py", source)
    return source


def opened(source: str, literal: str, newline: str) -> tuple[str, int]:
    """The docstring emptied, the cursor inside."""
    start = source.index(literal.replace("\n", newline))
    return source.replace(literal, '""""""'), start + 3


def below(source: str, line: str, newline: str) -> tuple[str, int]:
    """An empty line after a line, the cursor on it."""
    line = line.replace("\n", newline)
    at = source.index(line) + len(line)
    return source[:at] + newline + source[at:], at


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("in_class", [True, False], ids=["beside the predictor", "beside the program"])
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_accepting_gives_the_artifacts_state(in_class: bool, newline: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        source = SOURCE.replace("\n", newline)
        teacher = run(source, root / "bot.py")
        before = {name: one.signature.instructions for name, one in teacher.named_predictors()}
        demos = {name: data.draw(DEMOS) for name in before}
        assume(any(demos.values()))
        for name, predictor in teacher.named_predictors():
            predictor.demos = [dspy.Example(**demo) for demo in demos[name]]
            predictor.signature = predictor.signature.with_instructions(data.draw(TEXT))
        teacher.save(root / "program.json")
        told = {name: one.signature.instructions for name, one in teacher.named_predictors()}
        student = run(source, root / "bot.py")
        student.load(root / "program.json")
        expected = student.dump_state()

        workspace = workspace_of(root, {"pyproject.toml": PYPROJECT, "bot.py": source})
        program = workspace.snapshot().find_target("bot").program
        assert program is not None
        artifact = artifact_report(
            target="bot",
            fingerprint=fingerprint_of(program),
            demos={
                name: [{k: v for k, v in one.items() if k != "augmented"} for one in some]
                for name, some in demos.items()
            },
            predictors=list(before),
            instructions={name: (before[name], told[name]) for name in before if told[name] != before[name]},
        )
        program_json = (root / "program.json").read_text(encoding="utf-8")
        written: set[str] = set()
        for name, literal in DOCSTRINGS.items():
            accepted = accept(workspace, artifact, program_json, *opened(source, literal, newline))
            if accepted is not None:
                source = accepted
                written.add(name)
            else:
                workspace.index.update("bot.py", source)
        places = LINES if in_class else {"": "bot = Bot()\n"}
        for name, line in places.items():
            accepted = accept(workspace, artifact, program_json, *below(source, line, newline))
            if not (demos[name] if name else any(demos.values())):
                assert accepted is None
            elif written >= {one.predictor for one in artifact.instructions}:
                assert accepted is not None
            source = accepted or source
            workspace.index.update("bot.py", source)
        after = run(source, root / "bot.py").dump_state()
        for name in before:
            assert exact(after[name]["demos"]) in (exact(expected[name]["demos"]), exact([]))
            if name in written:
                assert after[name]["signature"] == expected[name]["signature"]
        if written >= {one.predictor for one in artifact.instructions}:
            assert exact(after) == exact(expected)
            found = workspace.snapshot().find_target("bot")
            assert find_applied(workspace.snapshot(), found, artifact, {}).form is not None


def exact(state: Any) -> str:
    """Tells 1 from 1.0 and True, and one order of keys from another."""
    return repr(state)
