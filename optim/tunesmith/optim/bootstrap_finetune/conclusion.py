"""The end: the contestants are compared, the better program is kept, and all of it is reported."""

from collections.abc import Sequence
from typing import Any, get_args

from msgspec import Struct

from tunesmith.optim.bootstrap_finetune.attempt import Attempt
from tunesmith.optim.finetune.comparison import (
    Contestant,
    Examination,
    Scored,
    ShippingRule,
    best_untuned,
    break_even_of,
    describe_contestant,
    gain_over,
    score_contestant,
)
from tunesmith.optim.finetune.training import student_info
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run, copy_program
from tunesmith.protocol import ArmGain, ArmName, Comparison, FinetuneReport

ORDER: tuple[ArmName, ...] = get_args(ArmName)
"""In which contestants are reported."""
STOPPED_EARLY = "The training was cut short; what it had learned best is kept."


class Conclusion(Struct, frozen=True, kw_only=True):
    """What `compile` returns, and its verdict."""

    program: Any
    outcome: TuneOutcome


def conclude(
    run: Run,
    student: Any,
    chosen: Attempt,
    contestants: Sequence[Contestant],
    examination: Examination,
    rule: ShippingRule,
    warnings: Sequence[str],
) -> Conclusion:
    """Examine the contestants; the program of `chosen` is returned where its gain over the better of the untuned ones
    passes the rule, else `student` as it came. `warnings` are those given so far."""
    scored = sorted(
        (score_contestant(run, one, examination) for one in contestants),
        key=lambda one: ORDER.index(one.contestant.name),
    )
    tuned = next((one for one in scored if one.contestant.name == "tuned"), None)
    rival = best_untuned(scored)
    gain = gain_over(rival, tuned) if rival is not None and tuned is not None else None
    shipped = rule.ships(gain)
    all_warnings = [*warnings, *chosen.dataset.warnings, *chosen.plan.warnings, *run.warnings, *_endings(chosen)]
    if (raised := examination.errors.warning()) is not None:
        all_warnings.append(raised)
    all_warnings = list(dict.fromkeys(all_warnings))
    return Conclusion(
        program=chosen.program if shipped else copy_program(student),
        outcome=TuneOutcome(
            baseline=rival.score if rival is not None else None,
            tuned=tuned.score if tuned is not None else None,
            gain=gain,
            demos=[],
            shipped=shipped,
            stopped=run.stopped,
            warnings=all_warnings,
            finetune=_report(run, chosen, scored, tuned, all_warnings),
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
    arms = [described for one in scored if (described := describe_contestant(run, one)) is not None]
    others = [one for one in scored if one is not tuned]
    gains = [
        ArmGain(over=other.contestant.name, gain=gain)
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
