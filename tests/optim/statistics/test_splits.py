from collections import Counter

import dspy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.statistics import label_field, split_examples


def labelled(*labels: object) -> list[dspy.Example]:
    return [dspy.Example(text=f"text {i}", intent=label).with_inputs("text") for i, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        (["a", "b"] * 6, "intent"),
        (["a"] * 12, None),  # one value says nothing
        ([f"answer {i}" for i in range(12)], None),  # free text
        ([["a"], ["b"]] * 6, None),  # not a scalar
    ],
)
def test_label_field(labels: list[object], field: str | None) -> None:
    assert label_field(labelled(*labels)) == field


def test_an_input_is_no_label() -> None:
    examples = [dspy.Example(kind="ab"[i % 2], answer=str(i)).with_inputs("kind") for i in range(12)]
    assert label_field(examples) is None


def test_labels_keep_their_shares() -> None:
    examples = labelled(*["refund"] * 60, *["card"] * 30, *["rate"] * 10)
    rest, held_out = split_examples(examples, 0, 0.3)
    assert Counter(example.intent for example in held_out) == {"refund": 18, "card": 9, "rate": 3}
    assert Counter(example.intent for example in rest) == {"refund": 42, "card": 21, "rate": 7}
    assert [example.intent for example in rest] != sorted((example.intent for example in rest), reverse=True)


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=40), st.integers(0, 9), st.floats(0.05, 0.95))
def test_a_split_is_a_partition_and_repeats(labels: list[str], seed: int, fraction: float) -> None:
    examples = labelled(*labels)
    rest, held_out = split_examples(examples, seed, fraction)
    assert {id(example) for example in rest + held_out} == {id(example) for example in examples}
    assert len(rest) + len(held_out) == len(examples)
    assert rest
    assert held_out
    assert abs(len(held_out) - fraction * len(examples)) <= 1
    assert (rest, held_out) == split_examples(examples, seed, fraction)


def test_the_fraction_must_leave_both_sides_something() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_examples(labelled("a", "b"), 0, 1.0)
