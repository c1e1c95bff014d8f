"""Collecting traces: teachers work through the examples, and everything the metric accepts is kept.

Other than when demos are gathered, an example is not done with its first accepted trace: every teacher answers every
example `samples` times, since a student learns more from several ways to be right.
"""

import sys
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.errors import MetricError
from tunesmith.optim.finetune.data.splitting import input_fingerprint
from tunesmith.optim.finetune.data.teachers import Curriculum
from tunesmith.optim.finetune.errors import NoPassingTraces
from tunesmith.optim.rollouts import (
    RAISED_BY_METRIC,
    ErrorTally,
    Executor,
    Judge,
    PlacedExample,
    ProgressReporter,
    RolloutResult,
    Run,
    Task,
    Trace,
    place_examples,
    run_rollout,
    teaching_tasks,
)
from tunesmith.protocol import BOOTSTRAP_FEWSHOT

RETRIES = 2
"""Further tries of a run whose model could not be reached, after all others had theirs."""
FEW_PASSING = 50
"""Inputs. With fewer, demos in the prompt are usually the better use of them."""

HOPELESS = 20
"""Failures at the start, with nothing else among them, after which the rest is not tried."""

PASSED = "passed"
REJECTED = "rejected by the metric"
UNREADABLE = "with an answer that could not be read"
PROGRAM_RAISED = "raised in the program"
METRIC_RAISED = "raised in the metric"
FAILED = "failed to reach the model"
NOT_RUN = "not run"
"""Ways for a teacher's run on an example to end."""

_UNREADABLE_ERRORS = ("AdapterParseError", "ContextWindowExceededError")


class PassingTrace(Struct, frozen=True, kw_only=True):
    """What a teacher's predictors read and said on the way to an answer the metric accepted."""

    example: int
    """Index in the training data."""
    source: str
    """Fingerprint of the example's inputs."""
    turns: Trace
    """In order; one predictor may have several."""
    score: float
    teacher: int
    """Its place in the list of teachers."""
    sample: int
    """0: as the teacher is; others were sampled afresh."""


class Collected(Struct, frozen=True, kw_only=True):
    """What was gathered from all teachers."""

    traces: list[PassingTrace]
    """In the order of examples, teachers and samples."""
    outcomes: dict[str, int]
    """How many runs ended in each way, passed ones included."""
    warnings: list[str]


class _Wanted(Struct, frozen=True, kw_only=True):
    """One run of one teacher on one example."""

    example: PlacedExample
    task: Task
    teacher: int


def collect_traces(
    run: Run,
    curriculum: Curriculum,
    examples: Sequence[Any],
    judge: Judge,
    *,
    threads: int | None = None,
    errors: ErrorTally,
) -> Collected:
    """Every trace that passes, of the runs of every teacher on every example that the curriculum names.

    Runs that fail are skipped and counted by reason, what raised in `errors` too, whose limit is not looked at. Raises
    `NoPassingTraces` where none passed, or the first `HOPELESS` runs all failed. A run that is stopped returns what it
    has.
    """
    wanted, warnings = _wanted(run, curriculum, examples, judge)
    ended, progress = _Ended(), ProgressReporter(run, "bootstrapping", len(wanted))

    def teach(one: _Wanted, is_last: bool) -> RolloutResult:
        ended.raise_if_hopeless()
        finished = run_rollout(run, one.task, one.example)
        if finished.error is not None and (is_last or not finished.may_pass):
            errors.add(finished.error, f"example {one.example.index} of the training data")
        ended.add(finished)
        return finished

    executor = Executor(run, errors=ErrorTally(sys.maxsize), threads=threads, retries=RETRIES)
    finished = executor.map(
        teach,
        wanted,
        threads=max(executor.thread_count(program) for program, _ in curriculum.teachers),
        may_pass=lambda one: one.may_pass,
        each=lambda place, _: progress.report(place + 1, f"{ended.passed} passed"),
    )
    traces = [_passing(one, result) for one, result in zip(wanted, finished, strict=True) if _has_passed(result)]
    if not traces and run.stopped is None:
        raise _nothing_passed(finished)
    if 0 < (passing := len({trace.source for trace in traces})) < FEW_PASSING:
        warnings.append(
            f"Only {passing} inputs have a trace that passed. Below about {FEW_PASSING}, demos in the prompt "
            f"usually serve better: try `--optimizer {BOOTSTRAP_FEWSHOT.name}`."
        )
    return Collected(
        traces=sorted(traces, key=lambda trace: (trace.example, trace.teacher, trace.sample)),
        outcomes=dict(sorted(Counter(outcome_of(result) for result in finished).items())),
        warnings=warnings,
    )


def outcome_of(finished: RolloutResult) -> str:
    """One of the ways to end."""
    rollout, error = finished.rollout, finished.error
    if finished.stopped:
        return NOT_RUN
    if rollout.status == "scored":
        return PASSED if rollout.accepted else REJECTED
    if rollout.status == "unparsed":
        return UNREADABLE if (rollout.error or "").startswith(_UNREADABLE_ERRORS) else PROGRAM_RAISED
    notes = getattr(error, "__notes__", [])
    if isinstance(error, MetricError) or any(note.startswith(RAISED_BY_METRIC) for note in notes):
        return METRIC_RAISED
    return FAILED


def _wanted(run: Run, curriculum: Curriculum, examples: Sequence[Any], judge: Judge) -> tuple[list[_Wanted], list[str]]:
    """Every example once before any a second time, so that a run that is cut short has seen them all."""
    taught, samples = place_examples(examples, "train", only=curriculum.places), curriculum.samples
    tasks: list[tuple[int, list[Task]]] = []
    warnings: list[str] = []
    known: dict[str, int] = {}
    for number, (program, settings) in enumerate(curriculum.teachers):
        name = f"teacher {number + 1}"
        asked = teaching_tasks(run, program, name=name, judge=judge, settings=settings, attempts=samples)
        if (twin := known.setdefault(asked[0].program, number)) != number:
            warnings.append(f"Teacher {number + 1} is the same as teacher {twin + 1}, and is not asked again.")
            continue
        tasks.append((number, asked))
    wanted = [
        _Wanted(example=example, task=asked[sample], teacher=number)
        for sample in range(samples)
        for number, asked in tasks
        for example in taught
    ]
    return wanted, warnings


class _Ended:
    """Runs that ended so far, in the order they did. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[RolloutResult] = []
        self._any_worked = False
        self.passed = 0

    def add(self, finished: RolloutResult) -> None:
        with self._lock:
            self._all.append(finished)
            self.passed += _has_passed(finished)
            self._any_worked |= finished.error is None and not finished.stopped

    def raise_if_hopeless(self) -> None:
        """Raises `NoPassingTraces` where nothing works at all: another thousand failures would teach no more."""
        with self._lock:
            failed = [] if self._any_worked else [one for one in self._all if one.error is not None]
        if len(failed) >= HOPELESS:
            raise _nothing_passed(failed)


def _has_passed(finished: RolloutResult) -> bool:
    return finished.rollout.accepted and not finished.stopped


def _passing(one: _Wanted, finished: RolloutResult) -> PassingTrace:
    return PassingTrace(
        example=one.example.index,
        source=input_fingerprint(one.example.example),
        turns=finished.trace,
        score=finished.rollout.score or 0.0,
        teacher=one.teacher,
        sample=one.task.sample,
    )


def _nothing_passed(finished: Sequence[RolloutResult]) -> NoPassingTraces:
    """With the best score that was not enough, and the first error of each kind."""
    counts = Counter(outcome_of(one) for one in finished)
    reasons: dict[str, int] = {}
    for outcome, count in counts.items():
        of_kind = [one.rollout for one in finished if outcome_of(one) == outcome]
        if outcome == REJECTED:
            best = max(rollout.score or 0.0 for rollout in of_kind)
            reasons[f"{outcome}, the best with {best:g}"] = count
        elif said := next((rollout.error for rollout in of_kind if rollout.error), None):
            reasons[f"{outcome}: {' '.join(said.split()):.120}"] = count
        else:
            reasons[outcome] = count
    error = NoPassingTraces(len(finished), reasons)
    error.__cause__ = next((one.error for one in finished if one.error is not None), None)
    return error
