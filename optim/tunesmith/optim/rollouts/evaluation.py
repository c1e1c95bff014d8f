"""Scoring a program on a data set."""

import time
from collections.abc import Sequence
from typing import Any, Literal

from tunesmith.optim.errors import InputsNotMarked, NotAnExample
from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.optim.rollouts.fingerprints import example_fingerprints, program_fingerprint
from tunesmith.optim.rollouts.judge import Judge, Metric
from tunesmith.optim.rollouts.one_rollout import Finished, Spot, Task, is_async, run_one
from tunesmith.optim.rollouts.parallel import map_with_retries
from tunesmith.optim.rollouts.program_copy import ProgramSource
from tunesmith.optim.rollouts.run import Run
from tunesmith.protocol import Progressed, Rollout

PROGRESS_SECONDS = 0.25


def evaluate(
    run: Run,
    program: Any,
    examples: Sequence[Any],
    metric: Metric | None,
    *,
    candidate: str,
    only: Sequence[int] | None = None,
    split: Literal["train", "val"] = "val",
    phase: str,
    sample: int = 0,
    threshold: float | None = None,
    errors: ErrorTally | None = None,
    threads: int | None = None,
    retries: int = 0,
) -> list[Rollout]:
    """Run `program` on every example and score it: one rollout an example, in their order. `only`: on the examples at
    these places, in this order.

    A rollout that could not be had (the run stopped, the model was out of reach, the metric raised) has status
    `failed` and no score; one that may pass by itself is tried `retries` times more. `errors` counts over several
    evaluations; without it, this one alone, up to dspy's `max_errors`. Raises the first error where that many
    occurred, or where nothing else did.
    """
    check_examples(examples, "the validation data" if split == "val" else "the training data")
    own_tally = errors is None
    tally = errors or ErrorTally(None)
    task = scoring_task(run, program, Judge(metric, threshold), candidate=candidate, split=split, sample=sample)
    wanted = spots(examples)
    if only is not None:
        wanted = [wanted[place] for place in only]
    progress = ProgressTeller(run, phase, len(wanted))

    def roll_out(spot: Spot, is_last: bool) -> Finished:
        finished = run_one(run, task, spot)
        if finished.error is not None and (is_last or not finished.may_pass):
            tally.add(finished.error, f"example {spot.index} of the {split} data")
        return finished

    finished = map_with_retries(
        run,
        roll_out,
        wanted,
        retries=retries,
        may_pass=lambda one: one.may_pass,
        threads=thread_count(run, program, threads),
        errors=tally,
        each=lambda place, _: progress.tell(place + 1),
    )
    if own_tally and tally.first is not None and all(one.error is not None for one in finished):
        tally.raise_first("every rollout failed")
    return [one.rollout for one in finished]


def scoring_task(
    run: Run, program: Any, judge: Judge, *, candidate: str, split: Literal["train", "val"] = "val", sample: int = 0
) -> Task:
    """How `program`, as it stands now, is run to be scored, under dspy's settings of now."""
    import dspy

    source = ProgramSource(run, program)
    return Task(
        candidate=candidate,
        split=split,
        sample=sample,
        make_program=lambda _example: source.copy(),
        program=program_fingerprint(program, dspy.settings.lm, dspy.settings.adapter),
        judge=judge,
        settings={"lm": run.wrap(dspy.settings.lm)},
        bootstrapping=False,
    )


def spots(examples: Sequence[Any]) -> list[Spot]:
    """The examples with their places and fingerprints."""
    return [
        Spot(example=example, index=index, fingerprint=fingerprint)
        for index, (example, fingerprint) in enumerate(zip(examples, example_fingerprints(examples), strict=True))
    ]


def check_examples(examples: Sequence[Any], name: str) -> None:
    """Raises `DataError` where an example is none, or has no inputs marked."""
    import dspy

    for index, example in enumerate(examples):
        if not isinstance(example, dspy.Example):
            raise NotAnExample(name, index, type(example).__name__)
        if getattr(example, "_input_keys", None) is None:
            raise InputsNotMarked(name, index, list(example.keys()))


def thread_count(run: Run, program: Any, wanted: int | None = None) -> int:
    """Threads to use. An async program is never run in the calling thread, which may have a loop running."""
    import dspy

    threads = wanted or run.threads or dspy.settings.num_threads
    return max(threads, 2) if is_async(program) and _loop_is_running() else threads


def _loop_is_running() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class ProgressTeller:
    """Emits `Progressed`, a few times a second at most, and at the end."""

    def __init__(self, run: Run, phase: str, total: int | None) -> None:
        self._run, self._phase, self._total = run, phase, total
        self._next = 0.0

    def tell(self, done: int, text: str = "") -> None:
        now = time.monotonic()
        if now >= self._next or done == self._total:
            self._next = now + PROGRESS_SECONDS
            self._run.emit(Progressed(phase=self._phase, done=done, total=self._total, text=text))
