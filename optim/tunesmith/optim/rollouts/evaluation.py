"""Scoring a program on examples."""

import time
from collections.abc import Sequence

from tunesmith.optim.dspy_types import Program
from tunesmith.optim.rollouts.executor import Executor
from tunesmith.optim.rollouts.fingerprints import program_fingerprint
from tunesmith.optim.rollouts.judge import Judge
from tunesmith.optim.rollouts.one_rollout import RolloutResult, Task, run_rollout
from tunesmith.optim.rollouts.placed_examples import PlacedExample
from tunesmith.optim.rollouts.program_copy import ProgramSource
from tunesmith.optim.rollouts.run import Run
from tunesmith.protocol import Progressed, Rollout

PROGRESS_SECONDS = 0.25


def evaluate(
    executor: Executor,
    program: Program,
    examples: Sequence[PlacedExample],
    judge: Judge,
    *,
    candidate: str,
    phase: str,
    raise_if_all_fail: bool = False,
) -> list[Rollout]:
    """Run `program` on every example and score it, under dspy's settings of now: one rollout an example, in their
    order. `candidate`: its id in the store. `phase`: what is going on, for people.

    A rollout that could not be had (the run stopped, the model was out of reach, the metric raised) has status
    `failed` and no score. Raises the first error once there were as many as the executor bears, and with
    `raise_if_all_fail` where there was nothing else.
    """
    task = scoring_task(executor.run, program, judge, candidate=candidate)
    progress = ProgressReporter(executor.run, phase, len(examples))

    def roll_out(example: PlacedExample, is_last: bool) -> RolloutResult:
        finished = run_rollout(executor.run, task, example)
        if finished.error is not None and (is_last or not finished.may_pass):
            executor.errors.add(finished.error, f"example {example.index} of the {example.split} data")
        return finished

    finished = executor.map(
        roll_out,
        examples,
        threads=executor.thread_count(program),
        may_pass=lambda one: one.may_pass,
        each=lambda place, _: progress.report(place + 1),
    )
    if raise_if_all_fail and executor.errors.first is not None and all(one.error is not None for one in finished):
        executor.errors.raise_first("every rollout failed")
    return [one.rollout for one in finished]


def scoring_task(run: Run, program: Program, judge: Judge, *, candidate: str) -> Task:
    """How `program`, as it stands now, is run to be scored, under dspy's settings of now."""
    import dspy

    source = ProgramSource(run, program)
    return Task(
        candidate=candidate,
        sample=0,
        make_program=lambda _example: source.copy(),
        program=program_fingerprint(program, dspy.settings.lm, dspy.settings.adapter),
        judge=judge,
        settings={"lm": run.wrap(dspy.settings.lm)},
        bootstrapping=False,
    )


class ProgressReporter:
    """Emits `Progressed`, a few times a second at most, and at the end."""

    def __init__(self, run: Run, phase: str, total: int | None) -> None:
        self._run, self._phase, self._total = run, phase, total
        self._next = 0.0

    def report(self, done: int, text: str = "") -> None:
        """So many of the total are done; `text`: what to say beside it."""
        now = time.monotonic()
        if now >= self._next or done == self._total:
            self._next = now + PROGRESS_SECONDS
            self._run.emit(Progressed(phase=self._phase, done=done, total=self._total, text=text))
