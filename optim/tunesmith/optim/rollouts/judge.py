"""Asking the metric."""

import inspect
import math
from collections.abc import Callable
from numbers import Number
from typing import Any

from msgspec import Struct

from tunesmith.optim.errors import MetricError, source_place
from tunesmith.optim.rollouts.fingerprints import metric_fingerprint

Metric = Callable[..., Any]
"""`metric(example, prediction, trace=None)`, or with dspy's five arguments; returns a bool, a number or a score."""

RAISED_BY_METRIC = "raised by the metric"
"""How the note begins that what a metric raised is given."""


class Judgement(Struct, frozen=True):
    """What the metric says of one prediction."""

    score: float
    accepted: bool
    """The score reaches the threshold."""
    feedback: str | None = None


ACCEPT_ALL = Judgement(1.0, accepted=True)
"""Without a metric every finished rollout is good."""


class Judge:
    """A metric, with the threshold from which a score is accepted. `metric` None: everything is accepted."""

    fingerprint: str
    """Of the metric's source: equal where its judgements are."""

    def __init__(self, metric: Metric | None, threshold: float | None = None) -> None:
        self.metric = metric
        self.threshold = threshold
        self.fingerprint = metric_fingerprint(metric)
        self._arguments = _count_arguments(metric) if metric is not None else 0

    def judge(self, example: Any, prediction: Any, trace: Any) -> Judgement:
        """Call the metric, once, and read its verdict.

        `trace` is given while bootstrapping and None while evaluating, as dspy's metrics expect. A result may be a
        bool, a number, or a `dspy.Prediction` (or dict) with a score and feedback. Raises `MetricError` for anything
        else; what the metric raises passes, with a note naming it.
        """
        if self.metric is None:
            return ACCEPT_ALL
        try:
            result = self.metric(*(example, prediction, trace, None, None)[: self._arguments])
        except Exception as error:
            error.add_note(f"{RAISED_BY_METRIC} at {source_place(self.metric) or '<unknown file>'}")
            raise
        score, feedback = _read(self.metric, result)
        return Judgement(score, self.accepts(score), feedback)

    def accepts(self, score: float) -> bool:
        """At least the threshold; without one, anything but zero."""
        return score >= self.threshold if self.threshold is not None else bool(score)


def _count_arguments(metric: Metric) -> int:
    """How many of (example, prediction, trace, name of the predictor, its trace) the metric takes: 2, 3 or 5."""
    try:
        parameters = inspect.signature(metric).parameters.values()
    except (TypeError, ValueError):
        return 3
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return 3
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = sum(p.default is p.empty for p in positional)
    return max(required, min(len(positional), 3))


def _read(metric: Metric, result: Any) -> tuple[float, str | None]:
    feedback: Any = None
    if not isinstance(result, Number) and hasattr(result, "get") and "score" in result:
        result, feedback = result["score"], result.get("feedback")
    if inspect.iscoroutine(result):
        result.close()
        raise MetricError(metric, "is a coroutine function", "Make it an ordinary function.")
    if result is None:
        raise MetricError(metric, "returned None", "Return a bool or a number on every path.")
    try:
        if isinstance(result, str | bytes):
            raise TypeError
        score = float(result)
    except (TypeError, ValueError):
        raise MetricError(
            metric,
            f"returned {type(result).__name__} {result!r:.80}, not a number",
            "Return a bool, a number, or dspy.Prediction(score=…, feedback=…).",
        ) from None
    if not math.isfinite(score):
        raise MetricError(metric, f"returned {score}", "Return a finite number for every prediction.")
    return score, str(feedback) if feedback is not None else None
