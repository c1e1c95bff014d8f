"""The state of a search as plain data, for the store, the report and whoever follows the run."""

from collections.abc import Sequence
from math import isnan

from tunesmith.optim.prompt_search.choices import Choices, candidate_id
from tunesmith.optim.proposer import FEATURES
from tunesmith.optim.search import ArmBelief, Prediction, Search, feature_effects, mean_costs
from tunesmith.protocol import BASELINE, ArmEstimate, BatchArm, Belief, Factor, FeatureEffect, LevelEffect, SearchReport

Z = 1.96
MOST_MEASURED = 60
MOST_UNTRIED = 10
BEST_BELIEVED = 16
MOST_BELIEVED = 64
"""Beliefs reported after a batch: a design is reported whole, the batches of a huge search are not."""


def report_search(
    search: Search,
    choices: Choices,
    beliefs: Sequence[ArmBelief],
    *,
    rollouts: int,
    ceiling: int,
) -> SearchReport:
    """Everything the search believes now. `beliefs`: the search's own. `rollouts` and `ceiling`: program calls made and
    allowed in the whole run."""
    shown = [*beliefs[:MOST_MEASURED], *[one for one in beliefs[MOST_MEASURED:] if not any(one.arm)]]
    costs = [mean_costs(search.matrix, [one.arm for one in shown], kind) for kind in ("tokens", "seconds")]
    return SearchReport(
        batches=search.batch_number,
        rollouts=rollouts,
        ceiling=ceiling,
        tried=len(beliefs),
        factors=[
            Factor(predictor=factor.predictor, kind=factor.kind, levels=factor.levels)
            for factor in search.space.factors
        ],
        effects=_effects(search, choices),
        features=_features(search, choices),
        measured=[
            _measured(one, tokens=float(tokens), seconds=float(seconds))
            for one, tokens, seconds in zip(shown, *costs, strict=True)
        ],
        untried=[_untried(one) for one in search.predictions(MOST_UNTRIED)],
        front=[candidate_id(one.arm) for one in search.pareto_front()] if len(search.objectives) > 1 else [],
    )


def report_beliefs(arms: Sequence[ArmBelief], leader: str, batch: Sequence[BatchArm]) -> list[Belief]:
    """Of the baseline, the leader and the best, then of the batch's candidates, each by falling posterior mean."""
    always, asked = {BASELINE, leader}, {one.candidate for one in batch}
    beliefs = [_belief(one) for one in arms]
    reported = [one for rank, one in enumerate(beliefs) if rank < BEST_BELIEVED or one.candidate in always]
    reported += [one for one in beliefs[BEST_BELIEVED:] if one.candidate in asked - always]
    return reported[:MOST_BELIEVED]


def _effects(search: Search, choices: Choices) -> list[LevelEffect]:
    found = []
    for effect in search.effects():
        factor = search.space.factors[effect.factor]
        if factor.kind == "instruction":
            instruction = choices.instructions[factor.predictor][effect.level]
            name, text = instruction.view, instruction.text
        else:
            demos = choices.demos[factor.predictor][effect.level]
            name, text = demos.name, f"{len(demos.demos)} demos, about {demos.tokens} tokens"
        found.append(
            LevelEffect(
                predictor=factor.predictor,
                kind=factor.kind,
                level=effect.level,
                name=name,
                text=text,
                mean=effect.mean,
                low=effect.mean - Z * effect.sd,
                high=effect.mean + Z * effect.sd,
                n=effect.cells,
            )
        )
    return found


def _features(search: Search, choices: Choices) -> list[FeatureEffect]:
    """None where nobody looked at what the instructions ask for."""
    if not any(one.features for levels in choices.instructions.values() for one in levels):
        return []
    names = list(FEATURES)
    tables = {
        place: [[one.features.get(name, 0.0) for name in names] for one in choices.instructions[factor.predictor]]
        for place, factor in enumerate(search.space.factors)
        if factor.kind == "instruction"
    }
    found = [
        FeatureEffect(
            predictor=effect.predictor,
            name=effect.name,
            meaning=FEATURES[effect.name].meaning,
            mean=effect.mean,
            low=effect.low,
            high=effect.high,
            probability=effect.probability,
            levels=effect.levels,
        )
        for effect in feature_effects(search, tables, names)
    ]
    return sorted(found, key=lambda one: (-abs(one.probability - 0.5), one.predictor, one.name))


def _measured(one: ArmBelief, *, tokens: float, seconds: float) -> ArmEstimate:
    return ArmEstimate(
        candidate=candidate_id(one.arm),
        levels=list(one.arm),
        n=one.n,
        score=one.raw_mean,
        mean=one.mean,
        low=one.mean - Z * one.sd,
        high=one.mean + Z * one.sd,
        probability=one.probability,
        tokens=None if isnan(tokens) else tokens,
        seconds=None if isnan(seconds) else seconds,
    )


def _belief(one: ArmBelief) -> Belief:
    return Belief(
        candidate=candidate_id(one.arm),
        mean=one.mean,
        low=one.mean - Z * one.sd,
        high=one.mean + Z * one.sd,
        n=one.n,
    )


def _untried(one: Prediction) -> ArmEstimate:
    return ArmEstimate(
        candidate=candidate_id(one.arm),
        levels=list(one.arm),
        n=0,
        score=None,
        mean=one.mean,
        low=one.mean - Z * one.sd,
        high=one.mean + Z * one.sd,
        probability=one.probability,
    )
