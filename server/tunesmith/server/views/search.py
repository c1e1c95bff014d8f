"""What a search learnt: its best candidates, for a run's detail; what helps, for `runs show --features`: the effect of
every property of instructions, of every instruction and demo set, and what it expects of combinations never tried."""

from collections.abc import Sequence

from tunesmith.protocol import ArmEstimate, FeatureEffect, LevelEffect, SearchReport
from tunesmith.server.text import Scale, describe_arm, describe_chance, describe_search_calls, scale_of
from tunesmith.server.views.tables import shorten, table_lines

INTERVAL = "95 % interval"
SHOWN = 8
"""Candidates shown; JSON has them all."""


def search_lines(search: SearchReport) -> list[str]:
    """What it spent, and the candidates it believes in most."""
    lines = [f"search: {describe_search_calls(search)}, {count_tried(search)} candidates tried"]
    if search.measured:
        leader = search.measured[0]
        lines.append(f"leader: {leader.candidate}, {describe_arm(search, leader)}")
        lines += ["", *measured_lines(search)]
    front = [arm for arm in search.measured if arm.candidate in search.front]
    if front:
        lines += ["", "no candidate beats these in every objective", *front_lines(search, front)]
    return lines


def count_tried(search: SearchReport) -> int:
    return len(search.measured) if search.tried is None else search.tried


def measured_lines(search: SearchReport) -> list[str]:
    scale = scale_of(search)
    rows = [("best so far", "n", "score", "estimate", INTERVAL, "P better", "what it is")]
    for arm in search.measured[:SHOWN]:
        rows.append(
            (
                arm.candidate,
                str(arm.n),
                scale.mean(arm.score),
                scale.mean(arm.mean),
                scale.range(arm),
                describe_chance(arm.probability) if any(arm.levels) else "",
                describe_arm(search, arm),
            )
        )
    left = count_tried(search) - len(rows) + 1
    return [*table_lines(rows), *([f"and {left} more"] if left > 0 else [])]


def front_lines(search: SearchReport, front: list[ArmEstimate]) -> list[str]:
    scale = scale_of(search)
    rows = [("candidate", "estimate", "tokens", "seconds")]
    for arm in front:
        tokens = "" if arm.tokens is None else f"{arm.tokens:,.0f}"
        seconds = "" if arm.seconds is None else f"{arm.seconds:.2f}"
        rows.append((arm.candidate, scale.mean(arm.mean), tokens, seconds))
    return indented(rows)


def effects_lines(search: SearchReport) -> list[str]:
    """Everything the search's model says, a block a predictor."""
    scale = scale_of(search)
    lines = [f"after {describe_search_calls(search)}; effects are relative to the program as it came"]
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
        shown = scale.effect(effect) if effect.level else ("", "")
        rows.append((str(effect.level), effect.name, *shown, str(effect.n), shorten(effect.text, 80)))
    return indented(rows)


def untried_lines(search: SearchReport, scale: Scale) -> list[str]:
    rows = [("predicted", INTERVAL, "P better", "what it is")]
    for arm in search.untried:
        probability = describe_chance(arm.probability)
        rows.append((scale.mean(arm.mean), scale.range(arm), probability, describe_arm(search, arm)))
    return indented(rows)


def indented(rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"  {line}" for line in table_lines(rows)]
