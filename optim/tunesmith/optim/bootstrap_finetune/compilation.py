"""One `compile` of BootstrapFinetune: what it is given, and its way from there to a program."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import dspy
from msgspec import Struct

from tunesmith.optim.bootstrap_finetune.attempt import Attempt, students_folder, train_attempt
from tunesmith.optim.bootstrap_finetune.conclusion import Conclusion, conclude, give_up
from tunesmith.optim.bootstrap_finetune.few_shot import FewShot
from tunesmith.optim.bootstrap_finetune.plan import FinetunePlan
from tunesmith.optim.demos import Lessons
from tunesmith.optim.finetune.comparison import ANSWERS_AT_ONCE, Contestant, Examination, ShippingRule
from tunesmith.optim.finetune.data import (
    RATIONALE_MODES,
    Collected,
    Curriculum,
    Teaching,
    build_dataset,
    check_teachers,
    collect_traces,
    has_reasoning,
    with_labelled,
)
from tunesmith.optim.finetune.options import TrainingRequest
from tunesmith.optim.finetune.serving import untuned_program
from tunesmith.optim.rollouts import (
    ErrorTally,
    Executor,
    Judge,
    Run,
    digest,
    evaluate,
    example_fingerprints,
    place_examples,
    program_fingerprint,
)
from tunesmith.protocol import Analysed, ArmName, BootstrapFinetuneOptions, RationaleMode
from tunesmith.protocol.student import ModelSource


class Compilation(Struct, frozen=True, kw_only=True):
    """What is the same for all of its steps."""

    student: Any
    """The `Program` as it came."""
    source: ModelSource
    """What students are made from."""
    trainset: Sequence[Any]
    """`Example`s; the plan says which of them teach."""
    teacher: Any
    """A program, several, or None: the student teaches itself."""
    judge: Judge
    adapter: Any
    """dspy's, for the rows and for what answers through students. None: dspy's default."""
    options: BootstrapFinetuneOptions
    request: TrainingRequest
    rule: ShippingRule
    plan: FinetunePlan
    seed: int
    folder: str | Path | None
    """Where students are written, as the user named it."""

    def few_shot(self, demos: int) -> FewShot:
        """The student, to be given so many demos."""
        return FewShot(student=self.student, demos=demos, seed=self.seed)

    def students_folder(self, run: Run) -> Path:
        """Where its students are written."""
        run_folder = run.store.path.parent if run.store.path is not None else None
        made_of = digest(
            self.source.name,
            program_fingerprint(self.student, None, self.adapter),
            *example_fingerprints(self.plan.split.train),
        )
        return students_folder(self.folder, run_folder, made_of)


def train_and_compare(executor: Executor, given: Compilation) -> Conclusion:
    """The whole way: traces, rows, training, the choice among rationales, the comparison."""
    run = executor.run
    run.emit(Analysed(lines=[given.plan.split.line]))
    teachers = _prepare_teachers(executor, given)
    warnings = check_teachers(given.student, teachers)
    collected = _collect(executor, given, teachers)
    warnings += collected.warnings
    if run.stopped is not None:
        return give_up(run, given.student, warnings)
    attempts = [_train(run, given, collected, rationale) for rationale in _rationales(given)]
    chosen = _choose(executor, given, attempts)
    return conclude(
        run,
        given.student,
        chosen,
        _contestants(executor, given, teachers, collected, chosen),
        Examination(examples=given.plan.split.test, judge=given.judge, errors=executor.errors),
        given.rule,
        warnings,
    )


# Teaching


def _prepare_teachers(executor: Executor, given: Compilation) -> list[Teaching]:
    programs = given.teacher if isinstance(given.teacher, list | tuple) else [given.teacher]
    settings = given.options.teacher_settings or {}
    return [(_self_taught(executor, given) if program is None else program, settings) for program in programs or [None]]


def _self_taught(executor: Executor, given: Compilation) -> Any:
    """The student with demos, which a small model needs to be right often enough; a compiled one has its own."""
    if not given.plan.demos or getattr(given.student, "_compiled", False):
        return given.student
    lessons = Lessons(judge=given.judge, settings=given.options.teacher_settings or {})
    return given.few_shot(given.plan.demos).bootstrapped(executor, given.plan.split.train, lessons)


def _collect(executor: Executor, given: Compilation, teachers: Sequence[Teaching]) -> Collected:
    places = given.plan.split.taught_places
    collected = collect_traces(
        executor.run,
        Curriculum(teachers=teachers, samples=given.plan.samples, places=places),
        given.trainset,
        given.judge,
        threads=executor.threads,
        # Runs that fail are part of gathering: they are skipped and counted.
        errors=ErrorTally(given.options.max_errors),
    )
    if not given.options.use_labels:
        return collected
    return with_labelled(collected, given.student, given.trainset, given.judge, only=places)


# Training


def _rationales(given: Compilation) -> list[RationaleMode]:
    """Ways to teach a reasoning; one where nothing reasons, or nothing is there to choose by."""
    if given.options.rationale != "auto":
        return [given.options.rationale]
    reasons = any(has_reasoning(predictor) for predictor in given.student.predictors())
    return list(RATIONALE_MODES) if reasons and given.plan.split.dev and given.judge.metric else ["joint"]


def _train(run: Run, given: Compilation, collected: Collected, rationale: RationaleMode) -> Attempt:
    dataset = build_dataset(
        given.student,
        collected,
        given.plan.split,
        adapter=given.adapter,
        rationale=rationale,
        exclude_demos=given.options.exclude_demos,
    )
    run.emit(Analysed(lines=dataset.lines))
    return train_attempt(
        run,
        given.student,
        given.source,
        dataset,
        given.request,
        exclude_demos=given.options.exclude_demos,
        folder=given.students_folder(run) / rationale,
    )


def _choose(executor: Executor, given: Compilation, attempts: Sequence[Attempt]) -> Attempt:
    """By the metric on the development split, where there is a choice; the first of equals."""
    if len(attempts) == 1:
        return attempts[0]
    return max(attempts, key=lambda attempt: _dev_score(executor, given, attempt))


def _dev_score(executor: Executor, given: Compilation, attempt: Attempt) -> float:
    with dspy.context(adapter=given.adapter):
        rollouts = evaluate(
            Executor(executor.run, errors=executor.errors, threads=_local_threads(executor)),
            attempt.program,
            place_examples(given.plan.split.dev),
            Judge(given.judge.metric),
            candidate=attempt.name,
            phase="choosing among rationales",
        )
    return fmean(rollout.score or 0.0 for rollout in rollouts)


# Judging


def _contestants(
    executor: Executor, given: Compilation, teachers: Sequence[Teaching], collected: Collected, chosen: Attempt
) -> list[Contestant]:
    """What is compared, what the verdict needs first; nothing where there is no metric to judge by."""
    if not given.plan.compares or given.judge.metric is None:
        return []
    teacher, settings = teachers[0]
    few_shot = given.few_shot(given.plan.demos or BootstrapFinetuneOptions().teacher_demos).from_traces(
        collected.traces, given.trainset, given.plan.split.taught_places
    )
    programs: dict[ArmName, Any] = {
        "tuned": chosen.program,
        "few-shot": untuned_program(few_shot, chosen.trained),
        "base": untuned_program(given.student, chosen.trained),
    }
    here: dict[str, Any] = {"settings": {"adapter": given.adapter}, "threads": _local_threads(executor)}
    return [
        *(Contestant(name=name, program=program, **here) for name, program in programs.items()),
        Contestant(name="teacher", program=teacher, settings=settings, threads=executor.threads),
    ]


def _local_threads(executor: Executor) -> int:
    """Enough that a student's answers share batches."""
    return max(executor.threads or 0, ANSWERS_AT_ONCE)
