"""`runs show --features`: what helps. The effect of every property of instructions, of every instruction and demo
set, and what the search expects of combinations it never tried."""

from collections.abc import Sequence

from tunesmith.protocol import OPTIMIZERS, FeatureEffect, LevelEffect, RunSummary, SearchReport
from tunesmith.server.text import describe_chance
from tunesmith.server.views.report import shorten
from tunesmith.server.views.search_numbers import Scale, describe_arm, scale_of
from tunesmith.server.views.tables import table_lines

INTERVAL = "95 % interval"
SEARCHING = [optimizer.name for optimizer in OPTIMIZERS.values() if optimizer.searches]


def effects_lines(search: SearchReport) -> list[str]:
    scale = scale_of(search)
    batches = f"{search.batches} batch{'' if search.batches == 1 else 'es'}"
    calls = f"{search.rollouts:,} of at most {search.ceiling:,} program calls"
    lines = [f"after {calls}, {batches}; effects are relative to the program as it came"]
    for predictor in dict.fromkeys(factor.predictor for factor in search.factors):
        features = [feature for feature in search.features if feature.predictor == predictor]
        effects = [effect for effect in search.effects if effect.predictor == predictor]
        if features:
            lines += ["", f"{predictor}: properties of its instructions, the surest first"]
            lines += feature_lines(features, scale)
        for kind, title in (("instruction", "instructions"), ("demos", "demo sets")):
            own = sorted((one for one in effects if one.kind == kind), key=lambda one: (-one.mean, one.level))
            if own:
                lines += ["", f"{predictor}: {title}", *level_lines(own, scale)]
    if search.untried:
        lines += ["", "never tried, predicted best", *untried_lines(search, scale)]
    return lines


def feature_lines(features: list[FeatureEffect], scale: Scale) -> list[str]:
    rows = [("property", scale.unit, INTERVAL, "P helps", "instructions", "meaning")]
    for feature in features:
        probability = describe_chance(feature.probability)
        rows.append((feature.name, *scale.effect(feature), probability, str(feature.levels), feature.meaning))
    return indented(rows)


def level_lines(effects: list[LevelEffect], scale: Scale) -> list[str]:
    rows = [("", "from", scale.unit, INTERVAL, "rollouts", "text")]
    for effect in effects:
        told = scale.effect(effect) if effect.level else ("", "")
        rows.append((str(effect.level), effect.name, *told, str(effect.n), shorten(effect.text, 80)))
    return indented(rows)


def untried_lines(search: SearchReport, scale: Scale) -> list[str]:
    rows = [("predicted", INTERVAL, "P better", "what it is")]
    for arm in search.untried:
        probability = describe_chance(arm.probability)
        rows.append((scale.mean(arm.mean), scale.range(arm), probability, describe_arm(search, arm)))
    return indented(rows)


def no_search(summary: RunSummary) -> str:
    """Why there is nothing to show."""
    if summary.optimizer not in SEARCHING:
        return (
            f"Run {summary.run_id} has no search: {summary.optimizer} compares no instructions. "
            f"`tunesmith optimize {summary.target} --optimizer {SEARCHING[0]}` does."
        )
    return f"The search of run {summary.run_id} has closed no batch yet ({summary.status})."


def indented(rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"  {line}" for line in table_lines(rows)]
