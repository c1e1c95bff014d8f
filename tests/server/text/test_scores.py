from typing import Any

import pytest

from support.runs.run_samples import gain, run_report, score
from tunesmith.protocol import Score
from tunesmith.server.text.quantities import describe_age
from tunesmith.server.text.scores import (
    choose_shown_score,
    describe_outcome,
    describe_probability,
    describe_score,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (score(0.82), "82 % ±6 (n=80)"),
        (score(0.825, 0.005), "82 % ±0.5 (n=80)"),
        (score(0.004, 0.004), "0.4 % ±0.4 (n=80)"),
        (score(0.0, 0.0, n=5), "0 % ±0 (n=5)"),
        (score(1.0, 0.0), "100 % ±0 (n=80)"),
        (Score(score=-0.5, low=-1.0, high=0.0, n=3), "-0.5 ±0.5 (n=3)"),
        (Score(score=41.27, low=31.27, high=51.27, n=3), "41 ±10 (n=3)"),
        (Score(score=3.52, low=3.02, high=4.02, n=3), "3.5 ±0.5 (n=3)"),
    ],
)
def test_describe_score(value: Score, text: str) -> None:
    assert describe_score(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (7300, "2 h ago"),
        (86_400, "1 day ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_describe_age(seconds: float, text: str) -> None:
    assert describe_age(seconds) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "15 % → 82 %, +67 points (95 % interval 55 to 79), n=80, P = 0.99, confirmed"),
        (
            {"gain": gain(0.95)},
            "15 % → 82 %, +95 points (95 % interval 83 to 100), n=80, P = 0.99, confirmed",
        ),
        ({"baseline": None, "gain": None}, "82 % ±6 (n=80)"),
        ({"tuned": None, "gain": None}, "not scored"),
        (
            {"baseline": score(3.0), "tuned": score(3.5), "gain": gain(0.5, "likely")},
            "3 → 3.5, +0.5 (95 % interval 0.4 to 0.6), n=80, P = 0.99, likely",
        ),
    ],
)
def test_describe_outcome(changes: dict[str, Any], text: str) -> None:
    assert describe_outcome(run_report(**changes)) == text


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.0, "P < 0.001"),
        (0.004, "P = 0.004"),
        (0.5, "P = 0.50"),
        (0.97, "P = 0.97"),
        (0.9949, "P = 0.99"),
        (0.9951, "P = 0.995"),
        (0.999, "P = 0.999"),
        (0.9991, "P > 0.999"),
        (1.0, "P > 0.999"),
    ],
)
def test_nothing_is_certain(probability: float, text: str) -> None:
    assert describe_probability(probability) == text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, (0.82, "confirmed")),
        ({"gain": gain(0.01, "no gain")}, (0.15, "no gain")),
        ({"tuned": None, "gain": None}, (0.15, None)),
        ({"tuned": None, "gain": None, "baseline": None}, None),
    ],
)
def test_the_score_shown_is_that_of_what_is_left(changes: dict[str, Any], shown: object) -> None:
    found = choose_shown_score(run_report(**changes))
    assert (None if found is None else (found[0].score, found[1])) == shown
