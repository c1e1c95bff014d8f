"""Every kind of error, from the rollouts that show it."""

from typing import Any, Literal

import dspy
import pytest
from dspy.adapters import ChatAdapter
from dspy.utils.exceptions import AdapterParseError

from tunesmith.optim.proposer.analysis import describe_errors
from tunesmith.optim.proposer.error_digest import digest_errors
from tunesmith.protocol import Rollout, Step

EXAMPLES = [
    dspy.Example(message=f"message {i}", topic="broken" if i % 2 else "money", bike=str(100 + i)).with_inputs("message")
    for i in range(12)
]


def rollout(index: int, score: float | None = None, **changes: Any) -> Rollout:
    """What the example expects, but for the prediction's `changes`; by default half a point for each field."""
    example = EXAMPLES[index]
    given: dict[str, Any] = {"status": "scored", "feedback": None, "error": None, "steps": []}
    given |= {name: changes.pop(name) for name in list(changes) if name in given}
    prediction = {"topic": example.topic, "bike": example.bike, **changes}
    if score is None and given["status"] == "scored":
        score = (prediction.get("topic") == example.topic) / 2 + (prediction.get("bike") == example.bike) / 2
    return Rollout(
        key=str(index), candidate="c", example="e", index=index, split="val", sample=0, score=score,
        accepted=bool(score), prediction={} if given["status"] == "unparsed" else prediction, seconds=0.0, **given,
    )  # fmt: skip


def parse_error(signature: str, answer: str) -> str:
    with pytest.raises(AdapterParseError) as raised:
        ChatAdapter().parse(dspy.Signature(signature), answer)
    return f"AdapterParseError: {raised.value}"


def failed_step(kind: Literal["predictor", "tool", "retriever"], name: str, error: str = "ValueError: x") -> Step:
    return Step(kind=kind, name=name, inputs={}, outputs={}, error=error, seconds=0.0)


@pytest.mark.parametrize(
    ("changes", "kind", "what"),
    [
        ({"topic": "money"}, "wrong label", "topic: broken was taken for money"),
        ({"topic": "weather"}, "not a label", "topic: an answer that is none of the labels"),
        ({"topic": "It is Broken."}, "extra text", "topic: the right label, with words around it"),
        ({"bike": "bike 101"}, "extra text", "bike: the right value, with text around it"),
        ({"bike": "999"}, "wrong value", "bike: a wrong value"),
        ({"bike": ""}, "missing field", "bike is missing or empty"),
        ({"bike": None}, "missing field", "bike is missing or empty"),
        ({"bike": "no idea " * 10}, "too long", "bike: far longer than expected"),
        (
            {"score": 0.5, "steps": [failed_step("tool", "search", "TimeoutError: after 30 s")]},
            "tool failure",
            "tool search failed: TimeoutError: after … s",
        ),
        (
            {"score": 0.5, "steps": [failed_step("retriever", "wiki")]},
            "tool failure",
            "retriever wiki failed: ValueError: x",
        ),
        (
            {"status": "unparsed", "score": 0.0, "error": parse_error("m -> topic, bike", "[[ ## topic ## ]]\nhm")},
            "not parsed",
            "the answer could not be read: no field bike in it",
        ),
        (
            {
                "status": "unparsed",
                "score": 0.0,
                "error": parse_error("m -> bike: int", "[[ ## bike ## ]]\nfoo"),
                "steps": [failed_step("predictor", "find")],
            },
            "not parsed",
            "the answer of find could not be read: the value of bike has the wrong type",
        ),
        (
            {"status": "unparsed", "score": 0.0, "error": "KeyError: 'x'"},
            "raised",
            "the program stopped: KeyError: 'x'",
        ),
        ({"score": 0.7}, "partly right", "partly right, for a reason the metric does not tell"),
        ({"score": 0.2}, "unexplained", "a low score for a reason the metric does not tell"),
        ({"score": 0.2, "feedback": "Too vague."}, "feedback", "the metric says: “Too vague.”"),
    ],
)
def test_kinds(changes: dict[str, Any], kind: str, what: str) -> None:
    # The other rollouts are right, but for one that shows that a bike may come back.
    rollouts = [rollout(0), rollout(1, **changes), rollout(2), rollout(3)]
    digest = digest_errors(rollouts, EXAMPLES, label="topic")
    assert (digest.judged, digest.failed) == (4, 1)
    assert [(one.kind, one.what, one.count, one.share) for one in digest.clusters] == [(kind, what, 1, 0.25)]
    assert digest.clusters[0].examples[0].index == 1
    assert any(what in line for line in describe_errors(digest))


def test_confusions_the_most_frequent_first_with_examples() -> None:
    rollouts = [rollout(i, topic="money") for i in (1, 3, 5, 7)] + [rollout(i, topic="broken") for i in (0, 2)]
    digest = digest_errors(rollouts, EXAMPLES, label="topic")
    assert digest.confusions() == [("broken", "money"), ("money", "broken")]
    first = digest.clusters[0]
    assert (first.count, first.partly, first.field) == (4, 4, "topic")
    assert [example.index for example in first.examples] == [1, 3, 5]
    assert first.examples[0].inputs == {"message": "message 1"}
    assert first.examples[0].expected == {"topic": "broken", "bike": "101"}
    assert first.examples[0].got == {"topic": "money", "bike": "101"}
    assert digest.partly == 6


def test_one_rollout_is_in_a_cluster_for_every_wrong_field() -> None:
    digest = digest_errors([rollout(1, topic="money", bike="9")], EXAMPLES, label="topic")
    assert {one.kind for one in digest.clusters} == {"wrong label", "wrong value"}
    assert [one.kind for one in digest.about(["topic"])] == ["wrong label"]
    assert [one.kind for one in digest.about(["draft"])] == []


def test_an_unreadable_answer_concerns_its_predictor_and_is_shown() -> None:
    error = parse_error("m -> bike", "no markers here")
    one = rollout(1, status="unparsed", score=0.0, error=error, steps=[failed_step("predictor", "find")])
    digest = digest_errors([one], EXAMPLES, label="topic")
    assert digest.about(["bike"], "find") == digest.clusters
    assert digest.about(["topic"], "sort") == []
    assert digest.clusters[0].examples[0].got == {"answer as given": "no markers here"}


def test_missing_rollouts_say_nothing() -> None:
    digest = digest_errors([rollout(0), rollout(1, status="failed", error="LMError: down")], EXAMPLES, label="topic")
    assert (digest.judged, digest.failed, digest.missing, digest.clusters) == (1, 0, 1, [])
    assert digest_errors([], EXAMPLES).judged == 0


def test_a_metric_beyond_one_is_judged_by_its_best() -> None:
    digest = digest_errors([rollout(0, 100.0), rollout(1, 60.0), rollout(2, 20.0)], EXAMPLES)
    assert (digest.failed, digest.partly) == (2, 1)


def test_feedback_that_says_the_same_is_one_cluster() -> None:
    said = ["The date 12 May is missing.", "The date 3 June 1999 is missing.", "Too many words, shorten it.",
            "Too many words, please shorten it.", "Odd."]  # fmt: skip
    digest = digest_errors([rollout(i, 0.0, feedback=text) for i, text in enumerate(said)], EXAMPLES)
    assert sorted(one.count for one in digest.clusters if one.kind == "feedback") == [2, 2]


def test_names_of_their_own_are_not_compared() -> None:
    one = rollout(1, 0.0)
    digest = digest_errors(
        [Rollout(**{f: getattr(one, f) for f in one.__struct_fields__} | {"prediction": {"result": "x"}})], EXAMPLES
    )
    assert [c.kind for c in digest.clusters] == ["unexplained"]
