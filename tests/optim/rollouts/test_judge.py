from typing import Any

import dspy
import pytest

from tunesmith.optim.errors import MetricError
from tunesmith.optim.rollouts.judge import Judge

EXAMPLE = dspy.Example(question="q", answer="a").with_inputs("question")
TRACE: list[tuple[str, dict[str, object], dict[str, object]]] = [("predictor", {}, {})]


@pytest.mark.parametrize(
    ("result", "threshold", "score", "accepted", "feedback"),
    [
        (True, None, 1.0, True, None),
        (False, None, 0.0, False, None),
        (0.3, None, 0.3, True, None),
        (0.3, 0.5, 0.3, False, None),
        (0.5, 0.5, 0.5, True, None),
        (0, 0, 0.0, True, None),  # a threshold of 0 is a threshold
        (-1, 0, -1.0, False, None),
        (dspy.Prediction(score=0.8, feedback="close"), None, 0.8, True, "close"),
        (dspy.Prediction(score=0.0, feedback="no"), None, 0.0, False, "no"),
        ({"score": 1, "feedback": "yes"}, None, 1.0, True, "yes"),
    ],
)
def test_what_metrics_return(
    result: Any, threshold: float | None, score: float, accepted: bool, feedback: str | None
) -> None:
    verdict = Judge(lambda _e, _p, _t=None: result, threshold).judge(EXAMPLE, dspy.Prediction(), None)
    assert (verdict.score, verdict.accepted, verdict.feedback) == (score, accepted, feedback)


def two(example: Any, prediction: Any) -> bool:
    return True


def three(example: Any, prediction: Any, trace: Any = None) -> bool:
    return trace is TRACE


def five(example: Any, prediction: Any, trace: Any, pred_name: Any, pred_trace: Any) -> bool:
    return trace is TRACE and pred_name is None


def any_number(*arguments: Any) -> bool:
    return len(arguments) == 3


class Callable5:
    __hash__ = None  # type: ignore[assignment]  # like a dataclass

    def __call__(self, gold: Any, pred: Any, trace: Any = None, pred_name: Any = None, pred_trace: Any = None) -> bool:
        return trace is TRACE


@pytest.mark.parametrize("metric", [two, three, five, any_number, Callable5()])
def test_metrics_of_every_length_are_called(metric: Any) -> None:
    assert Judge(metric).judge(EXAMPLE, dspy.Prediction(), TRACE).accepted


def nothing(example: Any, prediction: Any, trace: Any = None) -> None:
    return None


async def late(example: Any, prediction: Any, trace: Any = None) -> bool:
    return True


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (nothing, r"test_judge\.py:\d+: metric nothing returned None\. Return a bool or a number"),
        (late, r"metric late is a coroutine function\. Make it an ordinary function"),
        (lambda *_: "1.0", r"metric <lambda> returned str '1\.0', not a number"),
        (lambda *_: float("nan"), r"returned nan\. Return a finite number"),
        (lambda *_: [1], r"returned list \[1\], not a number"),
    ],
)
def test_what_is_no_judgement_is_refused_by_name_and_place(metric: Any, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        Judge(metric).judge(EXAMPLE, dspy.Prediction(), None)


def test_what_a_metric_raises_passes_with_its_place() -> None:
    def broken(example: Any, prediction: Any) -> bool:
        raise KeyError("label")

    with pytest.raises(KeyError) as caught:
        Judge(broken).judge(EXAMPLE, dspy.Prediction(), None)
    assert "test_judge.py" in caught.value.__notes__[0]


def test_without_a_metric_everything_is_accepted() -> None:
    assert Judge(None).judge(EXAMPLE, dspy.Prediction(), None).accepted
