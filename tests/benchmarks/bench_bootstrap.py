"""Bootstrapping with 1, 4 and 8 threads beside `dspy.BootstrapFewShot`, on one slow dummy model.

The same program, data and number of demos; ours gathers no more traces than dspy needs, so that both make the same
calls. Seconds of wall time; the model takes 20 ms a call.
"""

import contextlib
import io
import time
from typing import Any

import dspy
from dspy.utils import DummyLM

from benchmarks.measurement import Measurement
from tunesmith.optim import BootstrapFewShot

CALL_SECONDS = 0.02


class SlowLM(DummyLM):
    def __init__(self) -> None:
        super().__init__([], follow_examples=True)

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        time.sleep(CALL_SECONDS)
        return str(self._format_answer_fields({"answer": "yes"}))


def measure(*, quick: bool) -> list[Measurement]:
    demos = 16 if quick else 64
    theirs = _seconds(
        dspy.BootstrapFewShot(_accept, max_bootstrapped_demos=demos, max_labeled_demos=0), _examples(demos)
    )
    return [
        Measurement(
            name=f"bootstrap {demos} demos, {threads} threads",
            ours=_seconds(
                BootstrapFewShot(
                    _accept, max_bootstrapped_demos=demos, max_labeled_demos=0, pool_size=demos, num_threads=threads
                ),
                _examples(demos),
            ),
            peer=theirs,
            unit="s",
            peer_name="dspy.BootstrapFewShot",
            goal=f"ratio near {1 / threads:.3f}",
        )
        for threads in (1, 4, 8)
    ]


def _accept(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(prediction.answer == "yes")


def _examples(count: int) -> list[dspy.Example]:
    return [dspy.Example(question=f"question {i}", answer="yes").with_inputs("question") for i in range(count)]


def _seconds(optimizer: Any, examples: list[dspy.Example]) -> float:
    student = dspy.Predict("question -> answer")
    with (
        dspy.context(lm=SlowLM()),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        started = time.perf_counter()
        compiled = optimizer.compile(student, trainset=examples)
        seconds = time.perf_counter() - started
    assert len(compiled.demos) == len(examples)
    return seconds
