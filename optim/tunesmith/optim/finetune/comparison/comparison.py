"""Tuned against the others, example by example."""

from collections.abc import Sequence

from tunesmith.optim.finetune.comparison.arms import Scored
from tunesmith.optim.statistics import paired_gain
from tunesmith.protocol import ArmName, Gain

UNTUNED: tuple[ArmName, ...] = ("base", "few-shot")
"""What the same model does without training: a student must beat both to be worth its training."""


def gain_over(other: Scored, tuned: Scored) -> Gain | None:
    """Of examples both were scored on; None where there are none."""
    pairs = [
        (old, new) for old, new in zip(other.scores, tuned.scores, strict=True) if old is not None and new is not None
    ]
    return paired_gain([old for old, _ in pairs], [new for _, new in pairs]) if pairs else None


def best_untuned(arms: Sequence[Scored]) -> Scored | None:
    """What the tuned program has to beat: the better of the untuned model with and without demos."""
    scored = [arm for arm in arms if arm.arm.name in UNTUNED and arm.score is not None]
    return max(scored, key=lambda arm: arm.score.score if arm.score else 0.0, default=None)


def is_worth_it(gain: Gain | None, *, strict: bool) -> bool:
    """The gain over the best untuned arm is likely; confirmed if `strict`. What was not measured is not worth it."""
    if gain is None:
        return False
    return gain.verdict == "confirmed" or (gain.verdict == "likely" and not strict)
