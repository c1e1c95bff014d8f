"""What a student of a reasoning module is taught to write."""

from typing import Any

import dspy
import pytest
from dspy.adapters.xml_adapter import XMLAdapter

from tunesmith.optim.finetune.data.collect import PassingTrace
from tunesmith.optim.finetune.data.rationale import has_reasoning
from tunesmith.optim.finetune.data.rendering import StudentTurn, render_rows
from tunesmith.protocol import RationaleMode


class Native(dspy.Signature):
    question: str = dspy.InputField()
    thoughts: dspy.Reasoning = dspy.OutputField()
    answer: str = dspy.OutputField()


@pytest.mark.parametrize(
    ("predictor", "reasons"),
    [
        (dspy.ChainOfThought("question -> answer").predict, True),
        (dspy.ChainOfThought("question -> answer", rationale_field_type=list[str]).predict, True),
        (dspy.Predict(Native), True),
        (dspy.Predict("question -> answer"), False),
        (dspy.Predict("question -> reasoning"), False),
        (dspy.Predict("question -> answer, reasoning"), False),
    ],
)
def test_which_predictors_reason(predictor: Any, reasons: bool) -> None:
    assert has_reasoning(predictor) is reasons


def render(program: Any, mode: RationaleMode, adapter: Any = None, **outputs: Any) -> StudentTurn:
    name = program.named_predictors()[0][0]
    turns = [(name, {"question": "q"}, outputs)]
    trace = PassingTrace(example=0, source="s", turns=turns, score=1.0, teacher=0, sample=0)
    (turn,) = render_rows(program, [trace], adapter, rationale=mode).turns
    return turn


COT = dspy.ChainOfThought("question -> answer")


@pytest.mark.parametrize(
    ("mode", "target"),
    [
        ("joint", "[[ ## reasoning ## ]]\nso\n\n[[ ## answer ## ]]\na\n\n[[ ## completed ## ]]"),
        ("separate", "[[ ## reasoning ## ]]\n\n\n[[ ## answer ## ]]\na\n\n[[ ## completed ## ]]"),
        ("answer", "[[ ## reasoning ## ]]\n\n\n[[ ## answer ## ]]\na\n\n[[ ## completed ## ]]"),
    ],
)
def test_targets_of_each_mode(mode: RationaleMode, target: str) -> None:
    turn = render(COT, mode, reasoning="so", answer="a")
    assert turn.answer.target == target
    assert turn.answer.purpose == "answer"
    assert (turn.rationale is not None) is (mode == "separate")
    assert turn.decision == "a"


def test_the_reasoning_is_a_task_of_its_own() -> None:
    turn = render(COT, "separate", reasoning="so", answer="a")
    assert turn.rationale is not None
    assert turn.rationale.purpose == "rationale"
    assert turn.rationale.target == "[[ ## reasoning ## ]]\nso\n\n[[ ## completed ## ]]"
    system, user = [message.content for message in turn.rationale.messages]
    assert "Write only the reasoning that leads to `answer`." in system
    assert "[[ ## answer ## ]]" not in system + user
    assert turn.rows == [turn.answer, turn.rationale]


def test_without_a_reasoning_there_is_no_such_task() -> None:
    assert render(COT, "separate", reasoning=" ", answer="a").rationale is None
    plain = dspy.Predict("question -> answer")
    turns = [render(plain, mode, answer="a") for mode in ("joint", "separate", "answer")]
    assert turns[0] == turns[1] == turns[2]


@pytest.mark.parametrize("adapter", [dspy.ChatAdapter(), dspy.JSONAdapter(), XMLAdapter()], ids=["chat", "json", "xml"])
@pytest.mark.parametrize(
    ("program", "field"),
    [(COT, "reasoning"), (dspy.Predict(Native), "thoughts")],
    ids=["text", "dspy.Reasoning"],
)
def test_an_empty_reasoning_is_read_back(program: Any, field: str, adapter: Any) -> None:
    reasoning = dspy.Reasoning(content="so") if field == "thoughts" else "so"
    turn = render(program, "answer", adapter, **{field: reasoning, "answer": "a"})
    read = adapter.parse(program.predictors()[0].signature, turn.answer.target)
    # Empty; a dash where dspy's reader of XML takes an empty `dspy.Reasoning` for a broken one.
    taken = ["", "-"] if field == "thoughts" and isinstance(adapter, XMLAdapter) else [""]
    assert str(read[field]) in taken
    assert read["answer"] == "a"
    assert turn.decision == "a"


def test_a_dash_stands_where_nothing_cannot() -> None:
    class NoEmptyField(dspy.ChatAdapter):
        def parse(self, signature: Any, completion: str) -> Any:
            read = super().parse(signature, completion)
            if not all(read.values()):
                raise ValueError("an empty field")
            return read

    turn = render(COT, "answer", NoEmptyField(), reasoning="so", answer="a")
    assert turn.answer.target.startswith("[[ ## reasoning ## ]]\n-\n")
