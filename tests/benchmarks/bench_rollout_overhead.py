"""Time per rollout beside `dspy.Evaluate`, on a model that answers at once: what is left is overhead.

The same program (two predictors, four demos each), metric, examples and threads. Ours runs each example on its own
copy of the program, records every step and call, and commits them to a store in memory.
"""

import gc
import logging
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import dspy
from dspy.utils import DummyLM
from measurement import Measurement

from tunesmith.optim.rollouts import Run, evaluate
from tunesmith.protocol.store import RunStore

REPEATS = 5


class InstantLM(DummyLM):
    def __init__(self) -> None:
        super().__init__([], follow_examples=True)
        self.reply = str(self._format_answer_fields({"draft": "a draft", "answer": "yes"}))

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        return self.reply


class TwoSteps(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.draft = dspy.Predict("question -> draft")
        self.answer = dspy.Predict("question, draft -> answer")
        for predictor in (self.draft, self.answer):
            predictor.demos = [dspy.Example(question=f"q{i}", draft="d", answer="yes") for i in range(4)]

    def forward(self, question: str) -> Any:
        return self.answer(question=question, draft=self.draft(question=question).draft)


def measure(*, quick: bool) -> list[Measurement]:
    count = 100 if quick else 300
    examples = [dspy.Example(question=f"question {i}", answer="yes").with_inputs("question") for i in range(count)]
    logging.getLogger("dspy").setLevel(logging.WARNING)
    measurements = []
    for threads in (1, 8):
        ours, theirs = _alternate(
            lambda threads=threads: _ours(examples, threads), lambda threads=threads: _theirs(examples, threads)
        )
        measurements.append(
            Measurement(
                name=f"a rollout, {count} examples, {threads} threads",
                ours=ours / count * 1000,
                peer=theirs / count * 1000,
                unit="ms",
                peer_name="dspy.Evaluate",
                goal="ratio below 1",
            )
        )
    return measurements


def _alternate(ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    """Median seconds of each, taken in turn so that a slow moment of the machine hits both."""
    taken: tuple[list[float], list[float]] = ([], [])
    with dspy.context(lm=InstantLM()):
        for repeat in range(REPEATS + 1):
            for work, seconds in zip((ours, theirs), taken, strict=True):
                gc.collect()
                started = time.perf_counter()
                work()
                if repeat:  # the first warms caches
                    seconds.append(time.perf_counter() - started)
    return median(taken[0]), median(taken[1])


def _metric(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.answer == prediction.answer)


def _ours(examples: list[Any], threads: int) -> None:
    with RunStore.memory() as store:
        run = Run(store, threads=threads)
        rollouts = evaluate(run, TwoSteps(), examples, _metric, candidate="bench", phase="scoring")
    assert all(rollout.score == 1 for rollout in rollouts)


def _theirs(examples: list[Any], threads: int) -> None:
    result = dspy.Evaluate(devset=examples, metric=_metric, num_threads=threads)(TwoSteps())
    assert result.score == 100
