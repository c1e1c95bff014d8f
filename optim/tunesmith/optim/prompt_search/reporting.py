"""The state of a search as plain data, for the store, the report and whoever follows the run."""

from collections.abc import Mapping, Sequence
from math import isnan

from tunesmith.optim.prompt_search.choices import BASELINE, Choices, candidate_id
from tunesmith.optim.search import Estimate, Prediction, Search, feature_effects, mean_costs
from tunesmith.protocol import ArmEstimate, BatchArm, Belief, Factor, FeatureEffect, LevelEffect, SearchReport

Z = 1.96
MOST_MEASURED = 60
MOST_UNTRIED = 10
BEST_BELIEVED = 16
MOST_BELIEVED = 64
"""Beliefs told after a batch: a design is told whole, the batches of a huge search are not."""


def report_search(
    search: Search,
    choices: Choices,
    estimates: Sequence[Estimate],
    *,
    batches: int,
    rollouts: int,
    ceiling: int,
    meanings: Mapping[str, str] | None,
    front: bool,
) -> SearchReport:
    """Everything the search believes now. `estimates`: the search's own. `meanings` None: no features are reported.
    `front`: there is more than one objective."""
    shown = [*estimates[:MOST_MEASURED], *[one for one in estimates[MOST_MEASURED:] if not any(one.arm)]]
    costs = [mean_costs(search.matrix, [one.arm for one in shown], kind) for kind in ("tokens", "seconds")]
    return SearchReport(
        batches=batches,
        rollouts=rollouts,
        ceiling=ceiling,
        tried=len(estimates),
        factors=[
            Factor(predictor=factor.predictor, kind=factor.kind, levels=factor.levels)
            for factor in search.space.factors
        ],
        effects=_effects(search, choices),
        features=_features(search, choices, meanings) if meanings is not None else [],
        measured=[
            _measured(one, tokens=float(tokens), seconds=float(seconds))
            for one, tokens, seconds in zip(shown, *costs, strict=True)
        ],
        untried=[_untried(one) for one in search.predictions(MOST_UNTRIED)],
        front=[candidate_id(one.arm) for one in search.pareto_front()] if front else [],
    )


def report_beliefs(estimates: Sequence[Estimate], leader: str, batch: Sequence[BatchArm]) -> list[Belief]:
    """Of the baseline, the leader and the best, then of the batch's candidates, each by falling posterior mean."""
    always, asked = {BASELINE, leader}, {one.candidate for one in batch}
    beliefs = [_belief(one) for one in estimates]
    told = [one for rank, one in enumerate(beliefs) if rank < BEST_BELIEVED or one.candidate in always]
    told += [one for one in beliefs[BEST_BELIEVED:] if one.candidate in asked - always]
    return told[:MOST_BELIEVED]


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


def _features(search: Search, choices: Choices, meanings: Mapping[str, str]) -> list[FeatureEffect]:
    names = list(meanings)
    tables = {
        place: [[one.features.get(name, 0.0) for name in names] for one in choices.instructions[factor.predictor]]
        for place, factor in enumerate(search.space.factors)
        if factor.kind == "instruction"
    }
    found = [
        FeatureEffect(
            predictor=effect.predictor,
            name=effect.name,
            meaning=meanings[effect.name],
            mean=effect.mean,
            low=effect.low,
            high=effect.high,
            probability=effect.probability,
            levels=effect.levels,
        )
        for effect in feature_effects(search, tables, names)
    ]
    return sorted(found, key=lambda one: (-abs(one.probability - 0.5), one.predictor, one.name))


def _measured(one: Estimate, *, tokens: float, seconds: float) -> ArmEstimate:
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


def _belief(one: Estimate) -> Belief:
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
