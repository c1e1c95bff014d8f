"""CPU time per rollout beside `dspy.Evaluate`, on a model that answers at once.

The same program (two predictors, four demos each), metric, examples and threads on both sides, whole evaluations
timed. CPU time, because nothing here waits: on an idle machine it is the wall time, on a busy one it still is ours.

Evaluate calls the one program it was given and keeps the predictions. Ours runs each example on its own copy of the
program, records every step and call, looks both up, and commits them to a store in memory; in exchange it renders
what the prompts share only once. So the whole is compared, the program's own work in dspy included, and then beside
the bare program: a loop over the examples, without harness or metric. A store on disk adds its flushes, three a
rollout here, which are waited for: that line is wall time.
"""

import gc
import itertools
import logging
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import dspy
from dspy.utils import DummyLM

from benchmarks.measurement import Measurement
from tunesmith.optim.rollouts import Executor, Judge, Run, evaluate, place_examples
from tunesmith.protocol.store import RunStore

REPEATS = 7


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
        ours, theirs, bare = _alternate(
            partial(_ours, examples, threads, RunStore.memory),
            partial(_theirs, examples, threads),
            partial(_bare, examples),
        )
        for peer, name, goal in ((theirs, "dspy.Evaluate", "ratio below 1"), (bare, "bare program", "ratio near 1")):
            measurements.append(
                Measurement(
                    name=f"a rollout, {count} examples, {_plural(threads)}",
                    ours=ours / count * 1000,
                    peer=peer / count * 1000,
                    unit="ms CPU",
                    peer_name=name,
                    goal=goal,
                )
            )
    measurements.append(_on_disk(examples))
    return measurements


def _on_disk(examples: list[Any]) -> Measurement:
    """Wall time with durable commits, 8 threads, which share flushes."""
    with tempfile.TemporaryDirectory() as folder:
        stores = (RunStore.open(Path(folder) / str(number)) for number in itertools.count())
        ours, theirs = _alternate(
            partial(_ours, examples, 8, lambda: next(stores)), partial(_theirs, examples, 8), clock=time.perf_counter
        )
    return Measurement(
        name=f"a rollout, {len(examples)} examples, 8 threads, store on disk",
        ours=ours / len(examples) * 1000,
        peer=theirs / len(examples) * 1000,
        unit="ms",
        peer_name="dspy.Evaluate",
        goal="far below an LM call",
    )


def _alternate(*works: Callable[[], None], clock: Callable[[], float] = time.process_time) -> tuple[float, ...]:
    """Median seconds of each, taken in turn so that a slow moment of the machine hits all."""
    taken: list[list[float]] = [[] for _ in works]
    with dspy.context(lm=InstantLM()):
        for repeat in range(REPEATS + 1):
            for work, seconds in zip(works, taken, strict=True):
                gc.collect()
                started = clock()
                work()
                if repeat:  # the first warms caches
                    seconds.append(clock() - started)
    return tuple(median(seconds) for seconds in taken)


def _plural(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def _metric(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.answer == prediction.answer)


def _ours(examples: list[Any], threads: int, open_store: Callable[[], RunStore]) -> None:
    with open_store() as store:
        executor = Executor(Run(store, threads=threads))
        placed, judge = place_examples(examples), Judge(_metric)
        rollouts = evaluate(executor, TwoSteps(), placed, judge, candidate="bench", phase="scoring")
    assert all(rollout.score == 1 for rollout in rollouts)


def _theirs(examples: list[Any], threads: int) -> None:
    result = dspy.Evaluate(devset=examples, metric=_metric, num_threads=threads)(TwoSteps())
    assert result.score == 100


def _bare(examples: list[Any]) -> None:
    program = TwoSteps()
    for example in examples:
        program(**example.inputs())
