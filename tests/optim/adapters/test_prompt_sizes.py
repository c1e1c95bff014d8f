"""Prompts rendered to be measured: what is counted, and what is only guessed."""

import dspy
import pytest

from tunesmith.optim.adapters import measure_prompts
from tunesmith.optim.adapters.prompt_sizes import ASSUMED_TOKENS

EXAMPLES = [dspy.Example(text="a" * 400, label="yes").with_inputs("text") for _ in range(12)]


def size(signature, examples=EXAMPLES, **settings):
    with dspy.context(**settings):
        (found,) = measure_prompts(dspy.Predict(signature), examples)
    return found


@pytest.mark.parametrize("adapter", [None, dspy.ChatAdapter(), dspy.JSONAdapter(), dspy.XMLAdapter()])
def test_longer_inputs_make_longer_prompts_and_demos_not_answers(adapter):
    short = size("text -> label", [dspy.Example(text="a" * 200, label="yes").with_inputs("text")], adapter=adapter)
    long = size("text -> label", adapter=adapter)
    assert long.prompt - short.prompt == 50
    assert long.demo - short.demo == 50
    assert long.completion == short.completion
    assert long.assumed == []


def test_what_no_example_has_is_guessed():
    found = size("text, context -> label, why")
    assert found.assumed == ["context", "why"]
    known = size("text, label -> label2")
    assert known.assumed == ["label2"]
    assert found.completion > ASSUMED_TOKENS > size("text -> label").completion


def test_demos_of_the_program_are_in_its_prompt():
    program = dspy.Predict("text -> label")
    (without,) = measure_prompts(program, EXAMPLES)
    program.demos = [dspy.Example(text="b" * 400, label="no")]
    (with_one,) = measure_prompts(program, EXAMPLES)
    assert with_one.prompt == pytest.approx(without.prompt + without.demo, abs=1)
    assert with_one.demo == pytest.approx(without.demo, abs=1)


def test_no_examples_at_all():
    assert size("text -> label", []).assumed == ["text", "label"]


def test_every_predictor_has_its_own():
    class Two(dspy.Module):
        def __init__(self):
            super().__init__()
            self.first = dspy.Predict("text -> label")
            self.second = dspy.ChainOfThought("text -> label")

    first, second = measure_prompts(Two(), EXAMPLES)
    assert (first.predictor, second.predictor) == ("first", "second.predict")
    assert (first.assumed, second.assumed) == ([], ["reasoning"])
