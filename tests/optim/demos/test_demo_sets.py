"""The sets a search chooses from: named, bounded, all different, the same for the same seed."""

from typing import Any

import dspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.demos import DemoPool, DemoSettings, compose
from tunesmith.optim.demos.sets import DemoSet, demo_sets

TOPICS = ("refund", "card", "rate")


class Sorter(dspy.Module):
    def __init__(self, demos: list[Any] | None = None) -> None:
        super().__init__()
        self.sort = dspy.ChainOfThought("message -> intent")
        self.check = dspy.Predict("draft -> verdict")
        self.sort.predict.demos = demos or []


def data(n: int = 12) -> list[dspy.Example]:
    return [
        dspy.Example(message=f"{TOPICS[i % 3]} message, " + "very long " * i, intent=TOPICS[i % 3]).with_inputs(
            "message"
        )
        for i in range(n)
    ]


def pool_of(train: list[dspy.Example], accepted: range | list[int]) -> DemoPool:
    pool = DemoPool(["sort.predict", "check"])
    for index in accepted:
        outputs = {"reasoning": "because", "intent": train[index].intent}
        turns = [
            ("sort.predict", {"message": train[index].message}, outputs),
            ("check", {"draft": f"draft {index}"}, {"verdict": "fine"}),
        ]
        pool.add(index, turns, score=1.0, label=train[index].intent)
    return pool


def sets_of(student: Any = None, *, train: list[Any] | None = None, accepted: Any = range(10), **given: Any) -> Any:
    train = data() if train is None else train
    count = given.pop("count", 30)
    settings = DemoSettings(**{"max_bootstrapped": 4, "max_labeled": 6, "seed": 0, **given})
    return demo_sets(pool_of(train, accepted), student or Sorter(), train, settings, count=count)


def messages(one: DemoSet) -> list[str]:
    return sorted(demo.message for demo in one.demos)


def test_the_first_set_is_what_came_and_zero_shot_follows_own_demos() -> None:
    own = [dspy.Example(message="hi", intent="card")]
    with_own, without = sets_of(Sorter(own))["sort.predict"], sets_of()["sort.predict"]
    assert [one.name for one in with_own[:4]] == ["as it came", "zero-shot", "labels only", "first come"]
    assert with_own[0].demos == own
    assert [(choice.origin, choice.example) for choice in with_own[0].choices] == [("own", None)]
    assert with_own[1].demos == []
    assert [one.name for one in without[:3]] == ["as it came", "labels only", "first come"]
    assert without[0].demos == []


def test_first_come_is_dspys_choice() -> None:
    found = {one.name: one for one in sets_of(accepted=[1, 3, 4, 6, 8, 9])["sort.predict"]}
    demos = found["first come"].demos
    train = data()
    assert [demo.message for demo in demos[:4]] == [train[i].message for i in (1, 3, 4, 6)]
    assert all(demo.augmented for demo in demos[:4])
    assert len(demos) == 6
    assert all(demo in train and "augmented" not in demo for demo in demos[4:])
    assert not {demo.message for demo in demos[:4]} & {demo.message for demo in demos[4:]}


def test_balanced_is_what_compose_gives() -> None:
    train = data()
    settings = DemoSettings(max_bootstrapped=4, max_labeled=6, seed=0)
    composed = compose(Sorter(), pool_of(train, range(10)), train, settings)
    found = {one.name: one for one in sets_of()["sort.predict"]}
    assert found["balanced"].demos == composed.program.sort.predict.demos
    assert found["balanced"].choices == [c for c in composed.choices if c.predictor == "sort.predict"]


def test_the_front_goes_from_short_and_few_to_many() -> None:
    found = {one.name: one for one in sets_of()["sort.predict"]}
    assert len(found["one short"].demos) == 1
    assert len(found["short few"].demos) == 2
    assert len(found["diverse many"].demos) == 6
    assert found["one short"].tokens < found["short few"].tokens < found["diverse many"].tokens
    assert {demo.intent for demo in found["diverse many"].demos[:4]} == set(TOPICS)
    assert {choice.origin for choice in found["labels only, diverse"].choices} == {"labeled"}
    # Messages grow along the data.
    assert set(messages(found["short few"])) <= {example.message for example in data()[:4]}


def test_nothing_accepted_still_gives_sets_of_labelled_examples() -> None:
    found = sets_of(accepted=[], count=6)
    assert len(found["sort.predict"]) == 6
    assert all(choice.origin == "labeled" for one in found["sort.predict"] for choice in one.choices)
    # Nothing in the data shows what the second predictor reads.
    assert [one.name for one in found["check"]] == ["as it came"]


@pytest.mark.parametrize(
    ("bounds", "most"),
    [
        ({"max_bootstrapped": 0, "max_labeled": 0}, 0),
        ({"max_bootstrapped": 1, "max_labeled": 0}, 1),
        ({"max_bootstrapped": 0, "max_labeled": 3}, 3),
        ({"max_bootstrapped": 4, "max_labeled": 2}, 4),
        ({"max_bootstrapped": 40, "max_labeled": 40}, 12),
    ],
)
def test_bounds_are_kept(bounds: dict[str, Any], most: int) -> None:
    for one in sets_of(**bounds)["sort.predict"]:
        assert len(one.demos) <= most, one.name
        assert sum(choice.origin == "bootstrapped" for choice in one.choices) <= bounds["max_bootstrapped"]


def test_without_room_for_demos_there_is_only_what_came() -> None:
    found = sets_of(Sorter([dspy.Example(message="hi", intent="card")]), max_bootstrapped=0, max_labeled=0)
    assert [one.name for one in found["sort.predict"]] == ["as it came"]


def test_a_demo_that_shows_the_same_makes_no_other_set() -> None:
    # Without reasoning a bootstrapped demo shows what the labelled example does.
    student = dspy.Predict("message -> intent")
    train = data(2)
    pool = DemoPool(["self"])
    for index, example in enumerate(train):
        turn = ("self", {"message": example.message}, {"intent": example.intent})
        pool.add(index, [turn], score=1.0, label=None)
    settings = DemoSettings(max_bootstrapped=2, max_labeled=2, seed=0)
    found = demo_sets(pool, student, train, settings, count=9)["self"]
    both = sorted(example.message for example in train)
    # Both in either order, and the shorter one.
    assert sorted(messages(one) for one in found) == sorted([[], both, both, [train[0].message]])


def test_few_sets_still_hold_what_no_teacher_solved_and_a_mixed_draw() -> None:
    # Examples 2, 5, 8 and 11 have the third topic.
    found = sets_of(accepted=[0, 1, 3, 4, 6, 7, 9, 10], count=6)["sort.predict"]
    assert [one.name for one in found[3:]] == ["balanced", "unsolved 1", "draw 1"]
    unsolved = found[4].demos
    assert sum("no teacher solved" in choice.why for choice in found[4].choices) == 3
    assert [demo.intent for demo in unsolved].count("rate") >= 3
    assert len(unsolved) == 6


def test_sets_of_one_label_come_last() -> None:
    one_topic: dict[str, Any] = {"accepted": [0, 3, 6, 9], "count": 6}
    found = sets_of(**one_topic, max_labeled=4)["sort.predict"]
    assert [one.name for one in found[:3]] == ["as it came", "labels only", "unsolved 1"]
    assert all(len({demo.intent for demo in one.demos}) > 1 for one in found[1:])
    # Where nothing else can be shown they are there.
    names = [one.name for one in sets_of(**one_topic, max_labeled=0)["sort.predict"]]
    assert "first come" in names


def test_one_label_is_no_fault_where_most_of_the_data_have_it() -> None:
    train = data()
    for example in train[:9]:
        example.intent = "card"
    found = sets_of(train=train, accepted=[0, 1, 2, 3], max_labeled=4)["sort.predict"]
    assert [one.name for one in found[:4]] == ["as it came", "labels only", "first come", "draw 1"]
    assert {demo.intent for demo in found[2].demos} == {"card"}


def test_random_sets_differ_in_their_labels_and_in_order() -> None:
    found = [one for one in sets_of(count=40, max_labeled=4)["sort.predict"] if one.name.startswith("draw")]
    assert len({tuple(sorted(demo.intent for demo in one.demos)) for one in found}) > 3
    assert {one.demos[-1].intent for one in found} == set(TOPICS)
    assert any(messages(one) == sorted(messages(one)) for one in found)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 14),
    accepted=st.sets(st.integers(0, 13)),
    count=st.integers(1, 12),
    bootstrapped=st.integers(0, 5),
    labeled=st.integers(0, 5),
    seed=st.integers(0, 3),
)
def test_laws(n: int, accepted: set[int], count: int, bootstrapped: int, labeled: int, seed: int) -> None:
    train = data(n)
    given: dict[str, Any] = {
        "train": train,
        "accepted": sorted(i for i in accepted if i < n),
        "count": count,
        "max_bootstrapped": bootstrapped,
        "max_labeled": labeled,
        "seed": seed,
    }
    found = sets_of(**given)
    assert found == sets_of(**given)
    for levels in found.values():
        assert 1 <= len(levels) <= count
        assert levels[0].name == "as it came"
        assert len({one.name for one in levels}) == len(levels)
        shown = [tuple((d.get("message"), d.get("draft"), d.get("reasoning")) for d in one.demos) for one in levels]
        assert len(set(shown)) == len(shown)
        for one in levels:
            assert len(one.choices) == len(one.demos) <= max(bootstrapped, labeled)
            assert one.tokens == sum(choice.tokens for choice in one.choices)
