from collections import Counter

import dspy
import pytest

from tunesmith.optim.prompt_search.examples import search_order


def examples(labels: list[str]) -> list[dspy.Example]:
    return [dspy.Example(text=f"t{i}", label=label).with_inputs("text") for i, label in enumerate(labels)]


@pytest.mark.parametrize("seed", range(5))
def test_every_beginning_looks_like_the_whole(seed: int) -> None:
    labels = ["rare"] * 10 + ["usual"] * 30
    order = search_order(examples(labels), seed)
    assert sorted(order) == list(range(40))
    for length in (8, 16, 24, 32):
        counts = Counter(labels[index] for index in order[:length])
        assert abs(counts["rare"] - length / 4) <= 1


def test_it_is_the_seeds_and_shuffles_within_a_label() -> None:
    data = examples(["a", "b"] * 20)
    orders = [search_order(data, seed) for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert [index for index in orders[0] if index % 2 == 0] != list(range(0, 40, 2))


def test_without_labels_it_is_a_shuffle() -> None:
    data = [dspy.Example(text=f"t{i}").with_inputs("text") for i in range(20)]
    order = search_order(data, 0)
    assert sorted(order) == list(range(20)) != order
