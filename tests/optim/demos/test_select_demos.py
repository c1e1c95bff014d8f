import random
from typing import Any

import dspy
import pytest

from tunesmith.optim.demos import DemoPool, DemoSettings, compose
from tunesmith.optim.demos.draws import sample_labeled
from tunesmith.optim.demos.select import select_demos

TOPICS = {"refund": "give me my money back please", "card": "my new card never arrived", "rate": "what is a euro worth"}


def examples() -> list[dspy.Example]:
    rows = [(topic, f"{text} number {i}") for topic, text in TOPICS.items() for i in range(4)]
    return [dspy.Example(message=text, intent=topic).with_inputs("message") for topic, text in rows]


def pool_of(data: list[dspy.Example], **changes: dict[int, Any]) -> DemoPool:
    pool = DemoPool(["classify"])
    for index, example in enumerate(data):
        outputs = {"reasoning": changes.get("reasoning", {}).get(index, "because"), "intent": example.intent}
        turn = ("classify", {"message": example.message}, outputs)
        pool.add(index, [turn], score=changes.get("score", {}).get(index, 1.0), label=example.intent)
    return pool


def test_demos_cover_every_label_and_say_why() -> None:
    data = examples()
    picked = select_demos(pool_of(data).candidates("classify"), data, k=3, label_name="intent")
    assert {demo.candidate.label for demo in picked} == set(TOPICS)
    assert [demo.candidate.example for demo in picked] == sorted(demo.candidate.example for demo in picked)
    for demo in picked:
        assert f"first with intent={demo.candidate.label}" in demo.why
        assert demo.why.startswith("covers 33 % of the inputs")
        assert demo.why.endswith(f"{demo.candidate.tokens} tokens")


def test_the_shorter_of_two_alike_is_taken() -> None:
    data = examples()[:2] + examples()[4:]
    long = pool_of(data, reasoning={0: "a very long story " * 20}).candidates("classify")
    chosen = {demo.candidate.example for demo in select_demos(long, data, k=3)}
    assert 0 not in chosen


def test_a_later_predictor_is_covered_by_what_it_was_seen_to_read() -> None:
    pool = DemoPool(["answer"])
    for index, passage in enumerate(["alpha beta", "alpha beta gamma", "wholly different words"]):
        pool.add(index, [("answer", {"passage": passage}, {"answer": "x"})], score=1.0, label=None)
    picked = select_demos(pool.candidates("answer"), examples(), k=2)
    assert 2 in {demo.candidate.example for demo in picked}


def test_turns_of_one_predictor_are_kept_apart_and_repeats_once() -> None:
    pool = DemoPool(["hop"])
    turns = [("hop", {"query": q}, {"answer": q.upper()}) for q in ("a", "b", "a")]
    pool.add(0, [*turns, ("unnamed", {}, {})], score=1.0, label=None)
    assert [candidate.inputs["query"] for candidate in pool.candidates("hop")] == ["a", "b"]
    assert len(pool) == 1


@pytest.mark.parametrize(
    ("signature", "fields", "shown"),
    [
        ("message -> intent", {"message": "m", "intent": "i"}, True),
        ("message -> reasoning, intent", {"message": "m", "intent": "i"}, True),  # an adapter fills what lacks
        ("passage -> answer", {"message": "m", "intent": "i"}, False),
        ("message -> answer", {"message": "m", "intent": "i"}, False),
    ],
)
def test_only_examples_a_prompt_can_show_are_labelled_demos(signature: str, fields: dict, shown: bool) -> None:
    drawn = sample_labeled(dspy.Predict(signature), [dspy.Example(**fields)], 3, random.Random(0))
    assert len(drawn) == shown


def test_labelled_demos_are_dspys_draw() -> None:
    data = examples()
    composed = compose(
        dspy.Predict("message -> intent"),
        DemoPool(["self"]),
        data,
        DemoSettings(max_bootstrapped=4, max_labeled=5, seed=0),
    )
    theirs = dspy.BootstrapFewShot(metric=None, max_bootstrapped_demos=0, max_labeled_demos=5)
    expected = theirs.compile(dspy.Predict("message -> intent"), trainset=data)
    assert composed.program.demos == expected.demos
    assert [choice.origin for choice in composed.choices] == ["labeled"] * 5
    assert [data[choice.example].message for choice in composed.choices if choice.example is not None] == [
        demo.message for demo in expected.demos
    ]
