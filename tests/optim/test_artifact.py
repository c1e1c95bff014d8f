"""`program.json` and `report.json`: what dspy would save, without language models, and back again."""

import json
from pathlib import Path
from typing import Literal

import dspy
import pydantic
import pytest

from tunesmith.optim import artifact
from tunesmith.optim.artifact import is_literal, plain_state, write_artifact
from tunesmith.optim.errors import RunError
from tunesmith.protocol import ArtifactReport, ConfiguredTarget, RunReport, decode

TARGET = ConfiguredTarget(name="t", program="a:p", metric="a:m", trainset="a:d", file="pyproject.toml", line=1)


class Intent(pydantic.BaseModel):
    name: str


class Sort(dspy.Signature):
    """Sort a message."""

    text: str = dspy.InputField()
    label: Literal["yes", "no"] = dspy.OutputField(desc="the verdict")


class Two(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.sort = dspy.ChainOfThought(Sort)
        self.steps = [dspy.Predict("label -> reply")]


def tuned(*demos: dict[str, object]) -> Two:
    program = Two()
    program.sort.predict.demos = [dspy.Example(**demo) for demo in demos]
    program.sort.predict.signature = program.sort.predict.signature.with_instructions("Sort it well.")
    return program


def written(program: dspy.Module, run_dir: Path) -> ArtifactReport:
    def describe(literal_demos: bool, warnings: list[str]) -> ArtifactReport:
        report = RunReport(
            run_id="r", status="finished", optimizer="bootstrap-fewshot", target="t", baseline=None, tuned=None,
            gain=None, calls=0, tokens=0, usd=None, seconds=0.0, artifact=str(run_dir / "program.json"),
        )  # fmt: skip
        return ArtifactReport(
            report=report, target=TARGET, fingerprint=None, source_digests={}, predictors=[], demos=[],
            literal_demos=literal_demos, warnings=warnings, created=0.0,
        )  # fmt: skip

    write_artifact(run_dir, program, describe)
    return decode((run_dir / "report.json").read_bytes(), ArtifactReport)


def test_it_is_what_dspy_saves(tmp_path):
    program = tuned({"text": "hi", "reasoning": "a greeting", "label": "yes"})
    program.save(tmp_path / "by_dspy.json")
    report = written(program, tmp_path)
    assert (tmp_path / "program.json").read_bytes() == (tmp_path / "by_dspy.json").read_bytes()
    assert report.literal_demos
    assert not report.warnings
    fresh = Two()
    fresh.load(tmp_path / "program.json")
    assert fresh.dump_state() == program.dump_state()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["by_dspy.json", "program.json", "report.json"]


def test_language_models_stay_out(tmp_path):
    program = tuned()
    own = dspy.LM("openai/x", api_key="secret-1", api_base="http://private-host/v1")
    program.sort.predict.lm = own
    written(program, tmp_path)
    text = (tmp_path / "program.json").read_text()
    assert [json.loads(text)[name]["lm"] for name in ("sort.predict", "steps[0]")] == [None, None]
    assert "secret-1" not in text
    assert "private-host" not in text
    assert plain_state(program)["sort.predict"]["lm"] is None
    assert program.sort.predict.lm is own


DEMO_VALUES = {
    "text": ("ja ✓\n\"'\\", True),
    "numbers": ([1, 2.5, -0.0, True, None], True),
    "nested": ({"a": [{"b": "c"}]}, True),
    "a tuple, which JSON makes a list": ((1, 2), False),
    "a model": (Intent(name="x"), False),
    "an image": (dspy.Image("data:image/png;base64,AAAA"), False),
}


@pytest.mark.parametrize("what", DEMO_VALUES)
def test_demos_that_source_text_can_carry(tmp_path, what):
    value, expected = DEMO_VALUES[what]
    assert written(tuned({"text": value, "label": "yes"}), tmp_path).literal_demos is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(float("nan"), False), (float("inf"), False), ({1: 2}, False), (b"x", False), ({"a"}, False), (Intent, False)],
)
def test_literals(value, expected):
    assert is_literal(value) is expected


def test_what_json_cannot_hold(tmp_path):
    with pytest.raises(RunError, match="cannot be saved as JSON"):
        written(tuned({"text": object(), "label": "yes"}), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failing", ["save", "replace"])
def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, failing):
    """What was there before stays."""
    (tmp_path / "program.json").write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if failing == "save":
        monkeypatch.setattr("builtins.open", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RunError) as caught:
        written(tuned(), tmp_path)
    monkeypatch.undo()
    assert "No space left on device" in caught.value.error.message
    assert "resume the run" in (caught.value.error.next_step or "")
    assert (tmp_path / "program.json").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["program.json"]


def test_a_program_that_does_not_load_back(tmp_path, monkeypatch):
    monkeypatch.setattr(artifact, "_loads_equal", lambda *_: False)
    report = written(tuned({"text": "hi", "label": "yes"}), tmp_path)
    assert not report.literal_demos
    assert "does not give back" in report.warnings[0]
