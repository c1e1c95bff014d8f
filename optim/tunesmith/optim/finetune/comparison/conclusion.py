"""The end: arms are compared, the better program is kept, and all of it is told."""

from collections.abc import Sequence
from typing import Any, get_args

from msgspec import Struct

from tunesmith.optim.finetune.attempt import Attempt
from tunesmith.optim.finetune.comparison.arms import Arm, Scored, describe_arm, score_arm
from tunesmith.optim.finetune.comparison.comparison import best_untuned, gain_over, is_worth_it
from tunesmith.optim.finetune.comparison.economy import break_even_of
from tunesmith.optim.finetune.training import student_info
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import ErrorTally, Judge, Run, copy_program
from tunesmith.protocol import ArmGain, ArmName, Comparison, FinetuneReport

ARMS: tuple[ArmName, ...] = get_args(ArmName)
"""In the order they are told."""
STOPPED_EARLY = "The training was cut short; what it had learned best is kept."


class Conclusion(Struct, frozen=True, kw_only=True):
    program: Any
    outcome: TuneOutcome


def conclude(
    run: Run,
    student: Any,
    chosen: Attempt,
    arms: Sequence[Arm],
    examples: Sequence[Any],
    judge: Judge,
    *,
    strict: bool,
    keep_baseline: bool,
    warnings: Sequence[str],
    errors: ErrorTally,
) -> Conclusion:
    """Score the arms on `examples`; the tuned program must beat the better of the untuned ones to be kept."""
    scored = sorted(
        (score_arm(run, arm, examples, judge.metric, threshold=judge.threshold, errors=errors) for arm in arms),
        key=lambda one: ARMS.index(one.arm.name),
    )
    tuned = next((one for one in scored if one.arm.name == "tuned"), None)
    rival = best_untuned(scored)
    gain = gain_over(rival, tuned) if rival is not None and tuned is not None else None
    shipped = not keep_baseline or is_worth_it(gain, strict=strict)
    told = [*warnings, *chosen.dataset.warnings, *chosen.plan.warnings, *run.warnings, *_endings(chosen)]
    if (raised := errors.warning()) is not None:
        told.append(raised)
    told = list(dict.fromkeys(told))
    return Conclusion(
        program=chosen.program if shipped else copy_program(student),
        outcome=TuneOutcome(
            baseline=rival.score if rival is not None else None,
            tuned=tuned.score if tuned is not None else None,
            gain=gain,
            demos=[],
            shipped=shipped,
            stopped=run.stopped,
            warnings=told,
            finetune=_report(run, chosen, scored, tuned, told),
        ),
    )


def give_up(run: Run, student: Any, warnings: Sequence[str]) -> Conclusion:
    """A run that was stopped before anything was trained: the program as it came."""
    return Conclusion(
        program=copy_program(student),
        outcome=TuneOutcome(
            baseline=None,
            tuned=None,
            gain=None,
            demos=[],
            shipped=False,
            stopped=run.stopped,
            warnings=list(dict.fromkeys([*warnings, *run.warnings])),
        ),
    )


def _report(
    run: Run, chosen: Attempt, scored: Sequence[Scored], tuned: Scored | None, warnings: list[str]
) -> FinetuneReport:
    run_folder = run.store.path.parent if run.store.path is not None else None
    arms = [told for one in scored if (told := describe_arm(run, one)) is not None]
    others = [one for one in scored if one is not tuned]
    gains = [
        ArmGain(over=other.arm.name, gain=gain)
        for other in others
        if tuned is not None and (gain := gain_over(other, tuned)) is not None
    ]
    refused = dict(chosen.dataset.counts)
    for one in chosen.trained:
        for reason, count in one.started.refused.items():
            refused[reason] = refused.get(reason, 0) + count
    return FinetuneReport(
        students=[student_info(one, run_folder) for one in chosen.trained],
        comparison=Comparison(arms=arms, gains=gains) if arms else None,
        predictions=chosen.predictions,
        rows=sum(one.started.examples for one in chosen.trained),
        refused=refused,
        warnings=warnings,
        break_even=break_even_of(run, scored),
        why=chosen.plan.why,
    )


def _endings(chosen: Attempt) -> list[str]:
    return [STOPPED_EARLY for one in chosen.trained if one.ended.stopped == "cancelled"][:1]
