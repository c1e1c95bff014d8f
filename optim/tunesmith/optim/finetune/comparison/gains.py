"""Tuned against the others, example by example."""

from collections.abc import Sequence

from msgspec import Struct

from tunesmith.optim.finetune.comparison.contestants import Scored
from tunesmith.optim.statistics import paired_gain
from tunesmith.protocol import ArmName, Gain

UNTUNED: tuple[ArmName, ...] = ("base", "few-shot")
"""What the same model does without training: a student must beat both to be worth its training."""


class ShippingRule(Struct, frozen=True, kw_only=True):
    """When the tuned program replaces the one that came."""

    keep_baseline: bool
    """False: always. True: only where its gain over the best untuned contestant is likely."""
    strict: bool
    """Likely is not enough: the gain has to be confirmed."""

    def ships(self, gain: Gain | None) -> bool:
        """Whether a tuned program with this gain over `best_untuned` replaces the program; None: not measured."""
        return not self.keep_baseline or is_worth_it(gain, strict=self.strict)


def gain_over(other: Scored, tuned: Scored) -> Gain | None:
    """The tuned program's gain, with its interval, on examples both were scored on; None where there are none."""
    pairs = [
        (old, new) for old, new in zip(other.scores, tuned.scores, strict=True) if old is not None and new is not None
    ]
    return paired_gain([old for old, _ in pairs], [new for _, new in pairs]) if pairs else None


def best_untuned(contestants: Sequence[Scored]) -> Scored | None:
    """What the tuned program has to beat: the better of the untuned model with and without demos."""
    scored = [one for one in contestants if one.contestant.name in UNTUNED and one.score is not None]
    return max(scored, key=lambda one: one.score.score if one.score else 0.0, default=None)


def is_worth_it(gain: Gain | None, *, strict: bool) -> bool:
    """The gain over the best untuned contestant is likely; confirmed if `strict`. What was not measured is not worth
    it."""
    if gain is None:
        return False
    return gain.verdict == "confirmed" or (gain.verdict == "likely" and not strict)
