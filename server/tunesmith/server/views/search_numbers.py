"""A search's numbers in table cells: one digit fewer than the model has, and never more certain than it is."""

from msgspec import Struct

from tunesmith.protocol import ArmEstimate, FeatureEffect, LevelEffect, SearchReport


class Scale(Struct, frozen=True):
    """`share`: scores are within 0 and 1, told in per cent and their differences in points. What the model of the
    search believes may pass the ends of that scale; a score cannot."""

    share: bool

    @property
    def unit(self) -> str:
        return "points" if self.share else "effect"

    def mean(self, value: float | None) -> str:
        if value is None:
            return ""
        return f"{self._level(value)} %" if self.share else self._level(value)

    def range(self, arm: ArmEstimate) -> str:
        return f"{self._level(arm.low)} to {self._level(arm.high)}"

    def effect(self, effect: LevelEffect | FeatureEffect) -> tuple[str, str]:
        """Mean and interval."""
        return self._difference(effect.mean), f"{self._difference(effect.low)} to {self._difference(effect.high)}"

    def _level(self, value: float) -> str:
        return f"{100 * min(max(value, 0), 1):.0f}" if self.share else f"{value:.2f}"

    def _difference(self, value: float) -> str:
        text = f"{100 * value:+.1f}" if self.share else f"{value:+.2f}"
        return text if text.strip("+-0.") else text[1:]


def scale_of(search: SearchReport) -> Scale:
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
