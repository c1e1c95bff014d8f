"""A teacher works through training examples: what it gets right may become demos."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.dspy_types import Demo, Example, LanguageModel, Program
from tunesmith.optim.rollouts.executor import Executor
from tunesmith.optim.rollouts.fingerprints import program_fingerprint
from tunesmith.optim.rollouts.judge import Judge
from tunesmith.optim.rollouts.lm import sampling_afresh
from tunesmith.optim.rollouts.one_rollout import Task, Trace, run_rollout
from tunesmith.optim.rollouts.placed_examples import PlacedExample
from tunesmith.optim.rollouts.plain_values import to_plain
from tunesmith.optim.rollouts.program_copy import ProgramSource
from tunesmith.optim.rollouts.run import Run


class Lesson(Struct, frozen=True, kw_only=True):
    """How a teacher did on one example, after all its attempts."""

    index: int
    accepted: bool
    score: float
    trace: Trace
    """Of the accepted attempt, else empty."""
    raised: bool
    """No attempt came to an end: each raised."""
    stopped: bool
    """The run stopped first."""
    may_pass: bool = False
    """Its model could not be reached, which may be different the next time."""


def teaching_tasks(
    run: Run, program: Program, *, name: str, judge: Judge, settings: Mapping[str, Any], attempts: int
) -> list[Task]:
    """How `program` is run to teach, once an attempt: the first as it is, the others sampled afresh. Demos that show
    the example to be answered are hidden from it."""
    import dspy

    lm = settings.get("lm") or dspy.settings.lm
    adapter = settings.get("adapter") or dspy.settings.adapter
    fingerprint = program_fingerprint(program, lm, adapter)
    return [
        Task(
            candidate=name,
            sample=attempt,
            make_program=_hiding_copies(run, program, attempt),
            program=fingerprint,
            judge=judge,
            settings={**settings, "lm": _sampled(run.wrap(lm), attempt)},
            bootstrapping=True,
        )
        for attempt in range(attempts)
    ]


class Teacher:
    """A program set up to teach: made once, then given batches of examples."""

    def __init__(
        self,
        executor: Executor,
        program: Program,
        *,
        name: str,
        judge: Judge,
        settings: Mapping[str, Any],
        attempts: int,
    ) -> None:
        """`settings` are dspy settings to teach under. `attempts`: per example, each but the first sampled afresh."""
        self._executor = executor
        self._threads = executor.thread_count(program)
        self._tasks = teaching_tasks(
            executor.run, program, name=name, judge=judge, settings=settings, attempts=attempts
        )

    def teach(self, examples: Sequence[PlacedExample]) -> list[Lesson]:
        """A lesson on each example, in their order. Raises the first error once there were too many."""
        return self._executor.map(
            self._lesson, examples, threads=self._threads, may_pass=lambda lesson: lesson.may_pass
        )

    def _lesson(self, placed: PlacedExample, is_last: bool) -> Lesson:
        raised = 0
        for task in self._tasks:
            finished = run_rollout(self._executor.run, task, placed)
            rollout = finished.rollout
            if finished.stopped or rollout.accepted:
                return Lesson(
                    index=placed.index,
                    accepted=rollout.accepted and not finished.stopped,
                    score=rollout.score or 0.0,
                    trace=finished.trace,
                    raised=False,
                    stopped=finished.stopped,
                )
            if finished.may_pass and not is_last:
                return _missed(placed)
            if finished.error is not None:
                raised += 1
                self._executor.errors.add(finished.error, f"example {placed.index} of the training data")
        every_attempt_raised = bool(self._tasks) and raised == len(self._tasks)
        return Lesson(
            index=placed.index, accepted=False, score=0.0, trace=[], raised=every_attempt_raised, stopped=False
        )


def _missed(placed: PlacedExample) -> Lesson:
    return Lesson(index=placed.index, accepted=False, score=0.0, trace=[], raised=True, stopped=False, may_pass=True)


def _sampled(lm: LanguageModel | None, attempt: int) -> Any:
    return sampling_afresh(lm, attempt) if lm is not None else None


def _hiding_copies(run: Run, program: Program, attempt: int) -> Callable[[Example], Program]:
    """Copies of the program whose demos do not show the example they are about to answer."""
    source = ProgramSource(run, program, lambda lm: _sampled(lm, attempt))

    def copy_for(example: Example) -> Program:
        copied = source.copy()
        inputs = {name: to_plain(value) for name, value in example.inputs().items()}
        for predictor in copied.predictors():
            predictor.demos = [demo for demo in predictor.demos if not shows(demo, inputs)]
        return copied

    return copy_for


def shows(demo: Demo, inputs: Mapping[str, Any]) -> bool:
    """The demo has these inputs, given as plain data."""
    return all(name in demo and to_plain(demo[name]) == value for name, value in inputs.items())
