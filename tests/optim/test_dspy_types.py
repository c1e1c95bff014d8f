"""dspy's own objects, and what may stand in for them, have what the protocols ask for."""

import dspy
import pytest
from dspy.utils.dummies import DummyLM

from tunesmith.optim.dspy_types import (
    Adapter,
    Demo,
    Example,
    Field,
    LanguageModel,
    Predictor,
    Program,
    Signature,
)

SORT = dspy.Signature("message -> topic", "Sort the message.")
EXAMPLE = dspy.Example(message="a", topic="b").with_inputs("message")


@pytest.mark.parametrize(
    ("given", "protocol"),
    [
        (SORT, Signature),
        (SORT.fields["topic"], Field),
        (dspy.Predict(SORT), Predictor),
        (dspy.Predict(SORT), Program),
        (dspy.ChainOfThought(SORT), Program),
        (dspy.LM("openai/none"), LanguageModel),
        (DummyLM([]), LanguageModel),
        (dspy.ChatAdapter(), Adapter),
        (dspy.JSONAdapter(), Adapter),
        (EXAMPLE, Example),
        (EXAMPLE, Demo),
        (dspy.Prediction(topic="b"), Example),
        ({"message": "a", "topic": "b"}, Demo),
    ],
)
def test_an_object_of_dspys_has_all_that_is_asked_of_it(given: object, protocol: type) -> None:
    assert isinstance(given, protocol)


@pytest.mark.parametrize(
    ("given", "protocol"), [(EXAMPLE, Program), (dspy.ChainOfThought(SORT), Predictor), (object(), LanguageModel)]
)
def test_another_object_lacks_some_of_it(given: object, protocol: type) -> None:
    assert not isinstance(given, protocol)
