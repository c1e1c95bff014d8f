"""What a search comes to: the candidate to return, how it compares with the baseline, and what it changes."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tunesmith.optim.dspy_types import Program
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.prompt_search.choices import Choices, candidate_id, candidate_name
from tunesmith.optim.prompt_search.race import Race
from tunesmith.optim.rollouts import Run
from tunesmith.optim.search import Arm, Winner, is_shipped, one_blas_thread
from tunesmith.optim.statistics import mean_score, paired_gain, verdict_of
from tunesmith.protocol import (
    BASELINE,
    CandidateScored,
    DemoChoice,
    Gain,
    InstructionChoice,
    LevelEffect,
    SearchReport,
    Selection,
)


class Conclusion(Struct, frozen=True, kw_only=True):
    """The end of a search."""

    program: Any
    """The winner's `Program`; the baseline's where nothing is shipped."""
    outcome: TuneOutcome
    report: SearchReport


def conclude(run: Run, race: Race, *, selection: Selection, warnings: list[str], stopped: str | None) -> Conclusion:
    """Choose by the search's belief, measure by the paired examples, and say so in the run's events.

    The interval is the paired one, of the examples both were scored on; the probability is the search's, which has
    seen every candidate and is not taken in by the luckiest. `warnings` are the outcome's, `stopped` is why the search
    ended early.
    """
    with one_blas_thread():
        race.close()
        choices, winner, report = race.choices, race.search.winner(), race.report()
    baseline_scores = race.search.matrix.known(race.search.space.baseline)
    winner_scores = race.search.matrix.known(winner.arm)
    before = mean_score(baseline_scores) if baseline_scores else None
    after = mean_score(winner_scores) if winner_scores else None
    gain = gain_of(winner)
    shipped = is_shipped(winner, selection) and any(winner.arm)
    if before is not None:
        run.emit(CandidateScored(candidate=BASELINE, name=BASELINE, score=before))
    if after is not None and any(winner.arm):
        name = candidate_name(winner.arm, choices)
        run.emit(CandidateScored(candidate=candidate_id(winner.arm), name=name, score=after, gain=gain))
    kept = winner.arm if shipped else race.search.space.baseline
    outcome = TuneOutcome(
        baseline=before,
        tuned=after,
        gain=gain,
        demos=_demos(choices, winner.arm),
        instructions=_instructions(choices, winner.arm, race.programs.program(winner.arm), report),
        shipped=shipped,
        searched=True,
        stopped=stopped,
        warnings=warnings,
    )
    return Conclusion(program=race.programs.program(kept), outcome=outcome, report=report)


def gain_of(winner: Winner) -> Gain | None:
    """None where no example was scored under both."""
    if not winner.baseline_scores:
        return None
    paired = paired_gain(winner.baseline_scores, winner.scores)
    if not any(winner.arm):
        return paired
    verdict = verdict_of(winner.probability, paired.low)
    return replace(paired, probability=winner.probability, verdict=verdict)


def _demos(choices: Choices, arm: Arm) -> list[DemoChoice]:
    return [choice for name in choices.predictors for choice in choices.demo_set(arm, name).choices]


def _instructions(choices: Choices, arm: Arm, program: Program, report: SearchReport) -> list[InstructionChoice]:
    """As the program has them: dspy strips what surrounds a text."""
    changed = []
    predictors = dict(program.named_predictors())
    for place, name in enumerate(choices.predictors):
        chosen, own = choices.instruction(arm, name), choices.instructions[name][0]
        after = predictors[name].signature.instructions
        if after == own.text:
            continue
        effect = next(
            (
                one
                for one in report.effects
                if (one.predictor, one.kind, one.level) == (name, "instruction", arm[2 * place])
            ),
            None,
        )
        why = "; ".join(part for part in (chosen.why, _words(effect)) if part)
        changed.append(InstructionChoice(predictor=name, before=own.text, after=after, view=chosen.view, why=why))
    return changed


def _words(effect: LevelEffect | None) -> str:
    if effect is None:
        return ""
    return f"effect {effect.mean:+.2f} (95 % {effect.low:+.2f} to {effect.high:+.2f}) beside the one it replaces"
