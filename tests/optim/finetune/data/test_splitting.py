"""Training data is split by input: what judges a student never taught it."""

from collections import Counter

import dspy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.errors import DataError
from tunesmith.optim.finetune.data.splitting import Split, input_fingerprint, split_by_input


def examples(*inputs: object, label: str = "") -> list[dspy.Example]:
    return [
        dspy.Example(text=text, label=label or f"l{place}").with_inputs("text") for place, text in enumerate(inputs)
    ]


def sources(split: Split) -> tuple[set[str], set[str], set[str]]:
    train, dev, test = ({input_fingerprint(one) for one in side} for side in (split.train, split.dev, split.test))
    return train, dev, test


@given(st.lists(st.integers(0, 30), min_size=2, max_size=80), st.integers(0, 5))
def test_no_input_is_on_two_sides_and_none_is_lost(texts: list[int], seed: int) -> None:
    data = examples(*texts)
    if len(set(texts)) < 2:
        with pytest.raises(DataError, match="One input cannot both teach and test"):
            split_by_input(data, seed)
        return
    split = split_by_input(data, seed)
    train, dev, test = sources(split)
    assert not train & dev
    assert not train & test
    assert not dev & test
    assert train
    assert test
    assert Counter(map(id, [*split.train, *split.dev, *split.test])) == Counter(map(id, data))
    assert [data[place] for place in split.train_places] == split.train
    assert [data[place] for place in split.dev_places] == split.dev
    assert split == split_by_input(data, seed)


@pytest.mark.parametrize(
    ("inputs", "train", "dev", "test"),
    [(2, 1, 0, 1), (6, 3, 1, 2), (12, 6, 2, 4), (60, 34, 6, 20), (300, 170, 30, 100), (1500, 1200, 100, 200)],
)
def test_sizes(inputs: int, train: int, dev: int, test: int) -> None:
    split = split_by_input(examples(*range(inputs)), 0)
    assert (len(split.train), len(split.dev), len(split.test)) == (train, dev, test)
    assert split.line.startswith(
        f"{train} examples teach the student, {dev} choose its best step, {test} are kept to test it; "
        "no input is on two sides"
    )


def test_seeds_draw_differently() -> None:
    data = examples(*range(60))
    assert split_by_input(data, 0).test != split_by_input(data, 1).test


def test_each_side_has_its_share_of_every_label() -> None:
    data = [dspy.Example(text=i, intent="rare" if i % 4 == 0 else "common").with_inputs("text") for i in range(120)]
    split = split_by_input(data, 3)
    assert Counter(one.intent for one in split.test) == {"rare": 10, "common": 30}
    assert Counter(one.intent for one in split.dev) == {"rare": 3, "common": 9}
    assert split.line.endswith("each with its share of every `intent`.")


def test_a_valset_is_the_test_and_what_it_shares_teaches_nothing() -> None:
    data, valset = examples(*range(40)), examples(0, 1, 99, label="other")
    split = split_by_input(data, 0, valset=valset)
    assert split.test == valset
    assert len(split.train) + len(split.dev) == 38
    assert not {0, 1} & set(split.taught_places)
    assert "2 inputs of the trainset are in the valset too and teach nothing." in split.line


@pytest.mark.parametrize(
    ("data", "valset", "message"),
    [
        ([], None, "trainset is empty"),
        (examples(1, 2), [], "valset is empty"),
        (examples(1), None, "One input cannot both teach and test"),
        (examples(1, 1), None, "One input cannot both teach and test"),
        (examples(1), examples(1), "Every input of the trainset is in the valset too"),
        ([dspy.Example(text="a")], None, r"trainset\[0\]"),
    ],
)
def test_data_that_cannot_be_split(data: list[dspy.Example], valset: list[dspy.Example] | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        split_by_input(data, 0, valset=valset)


def test_one_example_teaches_where_a_valset_tests() -> None:
    split = split_by_input(examples(1), 0, valset=examples(2))
    assert (len(split.train), len(split.dev), len(split.test)) == (1, 0, 1)
