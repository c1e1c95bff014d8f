from typing import Any, Literal

import dspy

from tunesmith.optim.proposer.analysis import describe_program
from tunesmith.optim.proposer.program_outline import SOURCE_CHARACTERS, outline_program
from tunesmith.protocol import Rollout, Step


class Draft(dspy.Signature):
    """Draft a reply."""

    message: str = dspy.InputField(desc="what the customer wrote")
    tone: Literal["warm", "cool"] = dspy.InputField()
    draft: str = dspy.OutputField()


class Desk(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tone = dspy.ChainOfThought("message -> tone")
        self.drafts = [dspy.Predict(Draft)]
        self.tools = dspy.ReAct("draft -> final", tools=[])


def turns() -> list[Any]:
    return [
        ("tone.predict", {"message": "hi"}, {"reasoning": "because", "tone": "warm"}),
        ("drafts[0]", {"message": "hi", "tone": "warm"}, {"draft": "Dear …"}),
        ("tools.react", {"draft": "Dear …", "trajectory": ""}, {"next_thought": "done"}),
        ("tools.extract.predict", {"draft": "Dear …"}, {"final": "Dear you"}),
    ]


def test_the_role_of_every_predictor() -> None:
    found = outline_program(Desk(), [turns()])
    assert [(one.name, one.kind) for one in found.predictors] == [
        ("tone.predict", "ChainOfThought"),
        ("drafts[0]", "Predict"),
        ("tools.react", "ReAct"),
        ("tools.extract.predict", "ChainOfThought"),
    ]
    assert [one.is_built for one in found.predictors] == [False, False, True, True]
    draft = found.predictor("drafts[0]")
    assert [(f.name, f.type, f.description) for f in draft.inputs] == [
        ("message", "str", "what the customer wrote"),
        ("tone", "Literal['warm', 'cool']", ""),
    ]
    assert draft.instruction == "Draft a reply."
    assert draft.fed_by == ["tone ← tone.predict.tone"]
    assert found.predictor("tools.react").fed_by == ["draft ← drafts[0].draft"]
    assert [one.is_result for one in found.predictors] == [False, False, True, True]
    assert "tone ← tone.predict.tone" in "\n".join(describe_program(found))


def test_the_source_is_the_users_own() -> None:
    source = outline_program(Desk()).source
    assert source is not None
    assert source.startswith("class Desk(dspy.Module):\n    def __init__")
    assert "class ReAct" not in source
    assert outline_program(dspy.ChainOfThought("a -> b")).source is None
    assert outline_program(dspy.Predict("a -> b")).predictors[0].kind == "Predict"


def test_a_class_without_source_and_a_long_one() -> None:
    space: dict[str, Any] = {"dspy": dspy}
    exec("class Typed(dspy.Module):\n    pass", space)
    assert outline_program(space["Typed"]()).source is None
    long = outline_program(Desk()).source
    assert long is not None
    assert len(long) <= SOURCE_CHARACTERS


def test_the_result_is_read_from_predictions_where_there_are_any() -> None:
    steps = [
        Step(kind="predictor", name=name, inputs=inputs, outputs=outputs, seconds=0.0)
        for name, inputs, outputs in turns()
    ]
    rollout = Rollout(
        key="k", candidate="c", example="e", index=0, split="val", sample=0, status="scored", score=1.0, accepted=True,
        prediction={"text": "Dear you"}, steps=steps, seconds=0.0,
    )  # fmt: skip
    found = outline_program(Desk(), rollouts=[rollout])
    assert [one.is_result for one in found.predictors] == [False, False, False, True]


def test_without_traces_nothing_is_claimed() -> None:
    found = outline_program(Desk())
    assert {one.is_result for one in found.predictors} == {None}
    assert {tuple(one.fed_by) for one in found.predictors} == {()}
