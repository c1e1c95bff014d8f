"""Random demo sets: bounds, what they are drawn from, and that a seed says all."""

import random
from collections import Counter

import pytest

from tunesmith.optim.demos.draws import ChosenDemo, draw_mixed, draw_unsolved, fill_places, find_unsolved
from tunesmith.optim.demos.pool import DemoCandidate

LABELS = "abcd"


def candidates(*places: int) -> list[DemoCandidate]:
    """One of each place, labels in turn."""
    return [
        DemoCandidate(
            predictor="sort",
            example=place,
            inputs={"message": f"message {place}"},
            outputs={"intent": LABELS[place % 4]},
            score=1.0,
            label=LABELS[place % 4],
        )
        for place in places
    ]


ALL = candidates(*range(20))


def places(drawn: list[ChosenDemo]) -> list[int]:
    return [demo.candidate.example for demo in drawn]


@pytest.mark.parametrize(
    ("pool", "max_bootstrapped", "max_labeled", "sizes"),
    [
        (8, 4, 6, {6}),
        (8, 4, 2, {2, 3, 4}),
        (8, 3, 0, {1, 2, 3}),
        (2, 4, 0, {1, 2}),
        (0, 4, 3, {3}),
        (0, 4, 0, {0}),
        (8, 0, 3, {3}),
        (8, 4, 40, {20}),
    ],
)
def test_a_mixed_draw_keeps_its_bounds(pool: int, max_bootstrapped: int, max_labeled: int, sizes: set[int]) -> None:
    seen = set()
    for seed in range(40):
        bounds = {"max_bootstrapped": max_bootstrapped, "max_labeled": max_labeled}
        drawn = draw_mixed(ALL[:pool], ALL, **bounds, draw=random.Random(seed))
        assert len(set(places(drawn))) == len(drawn)
        bootstrapped = [demo for demo in drawn if demo.origin == "bootstrapped"]
        assert len(bootstrapped) <= max_bootstrapped
        assert bool(bootstrapped) == bool(pool and max_bootstrapped)
        assert all(demo.candidate.example < pool for demo in bootstrapped)
        assert drawn == draw_mixed(ALL[:pool], ALL, **bounds, draw=random.Random(seed))
        seen.add(len(drawn))
    assert seen == sizes


def test_any_demo_of_a_mixed_draw_may_be_its_last() -> None:
    drawn = [
        draw_mixed(ALL[:4], ALL, max_bootstrapped=2, max_labeled=4, draw=random.Random(seed)) for seed in range(40)
    ]
    assert {one[-1].origin for one in drawn} == {"bootstrapped", "labeled"}


def test_unsolved_is_what_lies_before_the_last_accepted_and_is_not_among_them() -> None:
    assert [one.example for one in find_unsolved(ALL, candidates(1, 5, 6))] == [0, 2, 3, 4]
    assert find_unsolved(ALL, []) == []
    assert find_unsolved(ALL, candidates(0, 1, 2)) == []


def test_unsolved_labels_are_shown_as_often_as_they_were_missed_and_in_any_order() -> None:
    unsolved = candidates(0, 4, 8, 12, 16, 1, 5, 2)
    shown: Counter[str] = Counter()
    ends = set()
    for seed in range(40):
        drawn = draw_unsolved(unsolved, ALL, count=4, draw=random.Random(seed))
        assert len(set(places(drawn))) == 4
        assert all(demo.origin == "labeled" and "no teacher solved" in demo.why for demo in drawn)
        shown.update(demo.candidate.label for demo in drawn)
        ends.add(drawn[-1].candidate.label)
    assert shown["a"] > shown["b"] > shown["c"] > shown["d"] == 0
    assert ends == set("abc")


def test_few_unsolved_are_joined_by_other_examples() -> None:
    drawn = draw_unsolved(candidates(7), ALL, count=4, draw=random.Random(0))
    assert len(set(places(drawn))) == 4
    assert 7 in places(drawn)
    assert draw_unsolved(candidates(7), ALL, count=0, draw=random.Random(0)) == []


def test_free_places_are_filled_with_what_is_not_shown() -> None:
    chosen = [ChosenDemo(one, "bootstrapped", "") for one in candidates(3, 4)]
    filled = fill_places(chosen, candidates(3, 4, 5), 9, random.Random(0))
    assert [(demo.candidate.example, demo.origin) for demo in filled] == [
        (3, "bootstrapped"),
        (4, "bootstrapped"),
        (5, "labeled"),
    ]
    assert fill_places(chosen, ALL, 1, random.Random(0)) == chosen
