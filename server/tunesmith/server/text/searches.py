"""A search's numbers: what it says of its leader in a line, and what stands in a table's cells. A model's beliefs are
told with a digit fewer than it has, and never more certain than it is."""

from msgspec import Struct

from tunesmith.protocol import BASELINE, ArmEstimate, BatchClosed, FeatureEffect, LevelEffect, SearchReport

SEARCHING = "searching"
"""The phase of which batches say more than its progress does."""


def describe_batch(batch: BatchClosed) -> str:
    """`212/650 program calls, 18 candidates tried; leader errors 2: 71 % (P better than the baseline 0.93)`."""
    tried = f"{batch.tried} candidate{'' if batch.tried == 1 else 's'} tried"
    return f"{batch.rollouts}/{batch.ceiling} program calls, {tried}; leader {describe_leader(batch)}"


def describe_batch_briefly(batch: BatchClosed) -> str:
    """`18 candidates · leader errors 2: 71 % (P better than the baseline 0.93)`, where a bar has the calls."""
    return f"{batch.tried} candidates · leader {describe_leader(batch)}"


def describe_leader(batch: BatchClosed) -> str:
    """`errors 2: 71 % (P better than the baseline 0.93)`."""
    mean = f"{batch.leader}: {describe_mean(batch.mean)}"
    if batch.leader == BASELINE:
        return mean
    return f"{mean} (P better than the baseline {describe_chance(batch.probability)})"


def describe_mean(mean: float) -> str:
    """In per cent where it can be a share: what a model believes may pass the ends of the scale by a little."""
    return f"{100 * min(max(mean, 0), 1):.0f} %" if -0.05 <= mean <= 1.05 else f"{mean:.2f}"


def describe_chance(probability: float) -> str:
    """`0.93`, never rounded to certainty (`describe_probability` says `P = 0.93`, of a result)."""
    if probability > 0.99:
        return "> 0.99"
    return f"{probability:.2f}" if probability >= 0.01 else "< 0.01"


def describe_search_calls(search: SearchReport) -> str:
    """`212 of at most 650 program calls, 3 batches`."""
    batches = f"{search.batches} batch{'' if search.batches == 1 else 'es'}"
    return f"{search.rollouts:,} of at most {search.ceiling:,} program calls, {batches}"


class Scale(Struct, frozen=True):
    """`share`: scores are within 0 and 1, told in per cent and their differences in points. What the model of the
    search believes may pass the ends of that scale; a score cannot."""

    share: bool

    @property
    def unit(self) -> str:
        """Of a difference, as a table's head."""
        return "points" if self.share else "effect"

    def mean(self, value: float | None) -> str:
        """`71 %` or `0.71`; empty where there is none."""
        if value is None:
            return ""
        return f"{self._level(value)} %" if self.share else self._level(value)

    def range(self, arm: ArmEstimate) -> str:
        """`62 to 80`: the 95 % interval."""
        return f"{self._level(arm.low)} to {self._level(arm.high)}"

    def effect(self, effect: LevelEffect | FeatureEffect) -> tuple[str, str]:
        """Mean and interval: `+3.1`, `-0.4 to +6.6`."""
        return self._difference(effect.mean), f"{self._difference(effect.low)} to {self._difference(effect.high)}"

    def _level(self, value: float) -> str:
        return f"{100 * min(max(value, 0), 1):.0f}" if self.share else f"{value:.2f}"

    def _difference(self, value: float) -> str:
        text = f"{100 * value:+.1f}" if self.share else f"{value:+.2f}"
        return text if text.strip("+-0.") else text[1:]


def scale_of(search: SearchReport) -> Scale:
    """Shares where every score that was measured is one."""
    scores = [arm.score for arm in search.measured if arm.score is not None]
    return Scale(share=bool(scores) and all(0 <= score <= 1 for score in scores))


def describe_arm(search: SearchReport, arm: ArmEstimate) -> str:
    """`instruction 3 (errors), demos 2 (diverse)`, by predictor where there are several; what stays is left out."""
    names = {(effect.predictor, effect.kind, effect.level): effect.name for effect in search.effects}
    several = len({factor.predictor for factor in search.factors}) > 1
    by_predictor: dict[str, list[str]] = {}
    for factor, level in zip(search.factors, arm.levels, strict=False):
        if level:
            name = names.get((factor.predictor, factor.kind, level))
            part = f"{factor.kind} {level}" + (f" ({name})" if name else "")
            by_predictor.setdefault(factor.predictor, []).append(part)
    parts = [f"{predictor}: {', '.join(own)}" if several else ", ".join(own) for predictor, own in by_predictor.items()]
    return "; ".join(parts) or "as it came"
