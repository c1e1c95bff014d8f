from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tunesmith.optim.demos.facility_location import choose_items

SIMILARITIES = st.integers(1, 7).flatmap(
    lambda items: arrays(np.float64, (6, items), elements=st.floats(0, 1, width=16, allow_nan=False))
)


def choose(similarity: list[list[float]] | np.ndarray, k: int, **given: list) -> list[int]:
    matrix = np.asarray(similarity, dtype=np.float64)
    items = matrix.shape[1]
    return choose_items(
        matrix,
        labels=given.get("labels", [None] * items),
        scores=given.get("scores", [1.0] * items),
        lengths=given.get("lengths", [1.0] * items),
        k=k,
    )


@pytest.mark.parametrize(
    ("similarity", "k", "given", "chosen"),
    [
        # Two clusters of targets: the second choice covers the other one, not more of the first.
        ([[1, 0.9, 0], [1, 0.9, 0], [0, 0, 1]], 2, {}, [0, 2]),
        # Alike in coverage: a label not seen yet, a shorter text, a better score, the earlier item.
        ([[1, 1, 1]], 2, {"labels": ["a", "a", "b"]}, [0, 2]),
        # Every label its even share, though a third "a" would score better than the second "b".
        ([[1] * 5], 4, {"labels": list("aaabb"), "scores": [1, 1, 1, 0.9, 0.9]}, [0, 1, 3, 4]),
        ([[1, 1]], 1, {"lengths": [90, 10]}, [1]),
        ([[1, 1]], 1, {"scores": [0.2, 0.9]}, [1]),
        ([[1, 1]], 1, {}, [0]),
        # As many as there are, at most; none where none are wanted.
        ([[1, 0.5]], 9, {}, [0, 1]),
        ([[1, 0.5]], 0, {}, []),
    ],
)
def test_choices(similarity: list[list[float]], k: int, given: dict[str, list], chosen: list[int]) -> None:
    assert choose(similarity, k, **given) == chosen


@given(SIMILARITIES, st.integers(1, 4))
def test_coverage_is_near_the_best_there_is(similarity: np.ndarray, k: int) -> None:
    def coverage(items: tuple[int, ...] | list[int]) -> float:
        return float(similarity[:, list(items)].max(axis=1).mean())

    chosen = choose(similarity, k)
    best = max(coverage(items) for items in combinations(range(similarity.shape[1]), len(chosen)))
    assert coverage(chosen) >= (1 - 1 / np.e) * best - 1e-9


@given(SIMILARITIES, st.integers(1, 4))
def test_fewer_places_give_the_same_first_choices(similarity: np.ndarray, k: int) -> None:
    assert choose(similarity, k) == choose(similarity, k + 1)[: min(k, similarity.shape[1])]
