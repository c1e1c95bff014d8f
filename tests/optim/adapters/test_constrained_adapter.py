"""ConstrainedAdapter: what it adds to calls of local models, and that it leaves every other call alone."""

from typing import Any, Literal

import dspy
import pytest
from dspy.utils import DummyLM
from dspy.utils.exceptions import AdapterParseError

from tunesmith.optim.adapters.chat_grammar import constrain
from tunesmith.optim.adapters.constrained_adapter import ConstrainedAdapter


class Sort(dspy.Signature):
    """Sort."""

    message: str = dspy.InputField()
    topic: Literal["fault", "payment"] = dspy.OutputField()


class RecordingLM(dspy.BaseLM):
    """Answers one text and keeps what it was asked with."""

    def __init__(self, answer: str, *, local: bool) -> None:
        super().__init__(model="recording", cache=False)
        self.answer = answer
        self.is_local = local
        self.asked: list[tuple[list[dict[str, Any]], dict[str, Any]]] = []

    def __call__(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> list[str]:
        self.asked.append((messages, kwargs))
        return [self.answer]

    async def acall(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> list[str]:
        return self(prompt, messages=messages, **kwargs)


GOOD = "[[ ## topic ## ]]\nfault"
GRAMMAR = 'root ::= ("fault" | "payment")\n'


def test_a_local_call_carries_grammar_and_prefill() -> None:
    lm = RecordingLM(GOOD, local=True)
    with dspy.context(lm=lm, adapter=ConstrainedAdapter()):
        assert dspy.Predict(Sort)(message="It squeaks.").topic == "fault"
    ((messages, kwargs),) = lm.asked
    assert messages[-1] == {"role": "assistant", "content": "[[ ## topic ## ]]\n"}
    assert kwargs["extra_body"]["grammar"].startswith(GRAMMAR)


async def test_async_calls_too() -> None:
    lm = RecordingLM(GOOD, local=True)
    with dspy.context(lm=lm, adapter=ConstrainedAdapter()):
        assert (await dspy.Predict(Sort).acall(message="It squeaks.")).topic == "fault"
    ((messages, kwargs),) = lm.asked
    assert messages[-1]["role"] == "assistant"
    assert "extra_body" in kwargs


def test_the_rest_of_the_prompt_is_chat_adapters() -> None:
    demos = [dspy.Example(message="No light.", topic="fault")]
    asked = []
    for adapter in (ConstrainedAdapter(), dspy.ChatAdapter()):
        lm = RecordingLM(GOOD, local=True)
        predict = dspy.Predict(Sort)
        predict.demos = demos
        with dspy.context(lm=lm, adapter=adapter):
            predict(message="It squeaks.")
        asked.append(lm.asked[0][0])
    assert asked[0][:-1] == asked[1]


@pytest.mark.parametrize(
    ("local", "signature"),
    [(False, Sort), (True, dspy.Signature("message -> counts: dict[str, int]"))],
    ids=["another LM", "a type without grammar"],
)
def test_other_calls_are_left_alone(local: bool, signature: Any) -> None:
    asked = []
    for adapter in (ConstrainedAdapter(), dspy.ChatAdapter()):
        lm = RecordingLM("[[ ## topic ## ]]\nfault\n\n[[ ## counts ## ]]\n{}", local=local)
        with dspy.context(lm=lm, adapter=adapter):
            dspy.Predict(signature)(message="It squeaks.")
        asked.append(lm.asked)
    assert asked[0] == asked[1]


@pytest.mark.parametrize(("local", "calls"), [(True, 1), (False, 2)])
def test_only_unconstrained_calls_are_asked_again(local: bool, calls: int) -> None:
    """ChatAdapter asks once more through JSONAdapter."""
    lm = RecordingLM("[[ ## topic ## ]]\nfau", local=local)
    with dspy.context(lm=lm, adapter=ConstrainedAdapter()), pytest.raises(AdapterParseError):
        dspy.Predict(Sort)(message="It squeaks.")
    assert len(lm.asked) == calls


def test_callers_keywords_are_kept() -> None:
    lm = RecordingLM(GOOD, local=True)
    with dspy.context(lm=lm, adapter=ConstrainedAdapter()):
        dspy.Predict(Sort, max_tokens=7)(message="It squeaks.")
    assert lm.asked[0][1]["max_tokens"] == 7


def test_a_dummy_is_no_local_model() -> None:
    with dspy.context(lm=DummyLM([{"topic": "payment"}]), adapter=ConstrainedAdapter()):
        assert dspy.Predict(Sort)(message="Too dear.").topic == "payment"


def test_prefill_and_grammar_make_an_answer() -> None:
    constraint = constrain({"topic": Literal["fault", "payment"]})
    assert constraint is not None
    assert dspy.ChatAdapter().parse(Sort, constraint.prefill + "payment") == {"topic": "payment"}
