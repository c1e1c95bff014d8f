"""The search: batches of cells to measure, and the best arm at any moment.

1. The baseline on its first 16 examples: is there anything to gain, can anything be read?
2. With a budget of five passes or more, the baseline on all examples, so that every later comparison is sharp.
3. A Latin design of a few dozen arms, 8 examples each.
4. A race: batches of pairs (arm, its next 8 examples) by top-two Thompson sampling; nothing is eliminated for good.
   After a third of it only arms measured before, as long as one of them can be measured further.
5. A reserve finishes the leader on all examples.

Decisions depend on the score matrix and (seed, batch number) alone, never on the order of arrival within a batch.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from tunesmith.optim.search.beliefs import (
    ArmBelief,
    Effect,
    Prediction,
    Winner,
    describe_arms,
    describe_effects,
    describe_winner,
    find_leader,
    predict_untried,
)
from tunesmith.optim.search.costs import CELL_COSTS, FrontArm, find_front, fit_log_costs
from tunesmith.optim.search.design import latin_design
from tunesmith.optim.search.matrix import Cell, CellResult, Floats, ScoreMatrix
from tunesmith.optim.search.posterior import Posterior
from tunesmith.optim.search.space import Arm, Space
from tunesmith.optim.search.surrogate import fit
from tunesmith.optim.search.thompson import Candidates, pick_arms
from tunesmith.protocol import Objective

PROBE = 16
"""Examples of the headroom probe."""
BLOCK = 8
"""Examples an arm is measured on at a time."""
BASELINE_FIRST = 5
"""Passes over the examples a budget must hold for the baseline to be finished first."""
DESIGN_SHARE = 0.35
DESIGN_ARMS = 64
FINISHING = 2 * BLOCK
"""Examples the leader is finished by at a time: one that falls behind on them gives the rest to the next."""
LAST_NEW_ARM = 2 / 3
"""With less left than this share of what the race began with, no arm is measured for the first time, added levels
aside: what it takes is missing where the best so far are told apart."""
RESERVE_SHARE = 0.2
"""At most this share of the budget is kept for finishing the leader; matters where the budget is a few passes."""
_REGRET_DRAWS = 256
_LEAST_SCORE_WEIGHT = 1e-3


class Search:
    """A search over `space` that asks for at most `budget` cells, each at most once.

    `required` arms are part of the design. `objectives` beyond "score" make the draws prefer cheap arms by weights
    drawn anew for every batch; the winner is still by score, the rest is `pareto_front()`. `stop_below` ends the search
    once the expected gain from knowing the best arm, in the metric's unit, falls below it (None: spend the budget).
    """

    def __init__(
        self,
        space: Space,
        *,
        examples: int,
        budget: int,
        seed: int,
        required: Sequence[Arm] = (),
        objectives: Sequence[Objective] = ("score",),
        stop_below: float | None = None,
    ) -> None:
        if budget < 0:
            raise ValueError(f"a budget is 0 or more cells, not {budget}")
        if "score" not in objectives or len(set(objectives)) != len(objectives):
            raise ValueError(f'objectives are "score" and further ones, each once, not {tuple(objectives)}')
        self.space = space
        self.matrix = ScoreMatrix(examples)
        self.budget = budget
        self.batch_number = 0
        """Batches closed so far."""
        self._seed = seed
        self._required = [space.check(arm) for arm in required]
        self.objectives = tuple(objectives)
        self._stop_below = stop_below
        self._open: list[Cell] | None = None
        self._is_designed = False
        self._race_budget = 0
        """Cells that remained when the race began; 0 before."""
        self._untried: list[tuple[int, int]] = []
        self._posterior: Posterior | None = None

    @property
    def examples(self) -> int:
        """How many an arm can be measured on."""
        return self.matrix.examples

    @property
    def remaining(self) -> int:
        """Cells the budget still allows, those of an open batch already taken off."""
        return self.budget - self.matrix.cells - len(self._open or ())

    def next_batch(self) -> list[Cell]:
        """The cells to measure now, by arm and place; empty when the search is over.

        Asked again before the batch is closed, it is the same batch.
        """
        if self._open is None:
            cells = self._plan()
            if not cells:
                return []
            self._open = sorted(cells)
        return list(self._open)

    def close_batch(self, results: Mapping[Cell, CellResult | float | None]) -> None:
        """Take the answers to exactly the open batch's cells, in any order; None is missing for good.

        Raises `ValueError` where no batch is open, a cell is absent, or one was not asked for.
        """
        if self._open is None:
            raise ValueError("no batch is open: call next_batch() first")
        if set(results) != set(self._open):
            missing, extra = set(self._open) - set(results), set(results) - set(self._open)
            raise ValueError(f"answers must be for the open batch: {len(missing)} missing, {len(extra)} not asked for")
        for cell in self._open:
            self.matrix.record(cell, results[cell])
        self._open = None
        self._posterior = None
        self.batch_number += 1

    def add_levels(self, factor: int, count: int) -> None:
        """New candidates at the end of a factor. Each is measured soon, with the leader's other levels."""
        first = self.space.factors[factor].levels
        self.space = self.space.with_levels(factor, count)
        self._untried += [(factor, level) for level in range(first, first + count)]
        self._posterior = None

    def winner(self) -> Winner:
        """The measured arm with the highest posterior mean: never the raw maximum."""
        if not self.matrix.measured():
            baseline = self.space.baseline
            return Winner(baseline, mean=None, sd=None, probability=0.0, n=0, baseline_scores=[], scores=[])
        return describe_winner(self.matrix, self.posterior())

    def beliefs(self) -> list[ArmBelief]:
        """Every measured arm, highest posterior mean first."""
        return describe_arms(self.matrix, self.posterior()) if self.matrix.measured() else []

    def predictions(self, count: int) -> list[Prediction]:
        """The `count` combinations with the highest posterior mean among those never measured."""
        return predict_untried(self.posterior(), count) if self.matrix.measured() else []

    def effects(self) -> list[Effect]:
        """Every level of every factor, in order. Empty before anything was measured."""
        return describe_effects(self.matrix, self.posterior()) if self.matrix.measured() else []

    def pareto_front(self) -> list[FrontArm]:
        """The measured arms no other beats on every objective, by falling posterior mean score."""
        arms = self.matrix.measured()
        return find_front(self.matrix, arms, self.posterior().means(arms), self.objectives) if arms else []

    def posterior(self) -> Posterior:
        """What is believed now. Raises `ValueError` before anything was measured."""
        if self._posterior is None:
            self._posterior = fit(self.space, self.matrix)
        return self._posterior

    def _plan(self) -> list[Cell]:
        if self.remaining <= 0:
            return []
        rng = np.random.default_rng([self._seed, self.batch_number])
        baseline, asked = self.space.baseline, self.matrix.asked(self.space.baseline)
        if asked < min(PROBE, self.examples):
            return self._next_cells(baseline, PROBE, self.remaining)
        if self.budget >= BASELINE_FIRST * self.examples and asked < self.examples:
            return self._next_cells(baseline, self.examples, self.remaining)
        if not self._is_designed:
            self._is_designed = True
            cells = self._design_cells(rng)
            if cells:
                return cells
        if not self.matrix.measured():
            return []
        return self._race_cells(rng)

    def _design_cells(self, rng: np.random.Generator) -> list[Cell]:
        count = min(DESIGN_ARMS, int(DESIGN_SHARE * self.budget / BLOCK))
        arms = latin_design(self.space, count, self._required, rng)
        self._untried = [
            (factor, level) for factor, level in self._untried if all(arm[factor] != level for arm in arms)
        ]
        return self._blocks([arm for arm in arms if self.matrix.asked(arm) < BLOCK], self.remaining)

    def _race_cells(self, rng: np.random.Generator) -> list[Cell]:
        self._race_budget = self._race_budget or self.remaining
        leader = find_leader(self.posterior(), self.matrix)
        unfinished = self.examples - self.matrix.asked(leader)
        reserve = min(unfinished, int(RESERVE_SHARE * self.budget))
        available = self.remaining - reserve
        if available <= 0 or self._is_settled():
            return self._next_cells(leader, FINISHING, self.remaining)
        new_arms = self._arms_of_untried(leader)
        batch_arms = max(4, self.budget // 240)
        arms = new_arms + self._thompson_arms(max(0, batch_arms - len(new_arms)), new_arms, rng)
        cells = self._blocks(arms, available)
        tried = {cell.arm for cell in cells}
        self._untried = [
            (factor, level) for factor, level in self._untried if all(arm[factor] != level for arm in tried)
        ]
        return cells

    def _arms_of_untried(self, leader: Arm) -> list[Arm]:
        arms = [(*leader[:factor], level, *leader[factor + 1 :]) for factor, level in self._untried]
        return [arm for arm in arms if self.matrix.asked(arm) == 0]

    def _thompson_arms(self, count: int, taken: Sequence[Arm], rng: np.random.Generator) -> list[Arm]:
        posterior = self.posterior()
        draws = posterior.draw(rng, 2 * count)
        level_costs, arm_costs = self._scalarised_costs(rng)
        return pick_arms(
            Candidates(
                posterior, draws, level_costs=level_costs, arm_costs=arm_costs, are_new_allowed=self._are_new_allowed()
            ),
            count,
            asked=self.matrix.asked,
            is_complete=self._is_complete,
            taken=taken,
            rng=rng,
        )

    def _scalarised_costs(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """What levels and measured arms cost, on the scale of the scores' spread, weighted for this batch.

        The weights of score and costs are drawn evenly from all that sum to one. Zeros where only the score counts.
        """
        arms = self.posterior().arms
        of_levels: Floats = np.zeros(self.space.offsets[-1])
        of_arms: Floats = np.zeros(len(arms))
        kinds = [CELL_COSTS[objective] for objective in self.objectives if objective != "score"]
        score_weight, *weights = rng.dirichlet(np.ones(1 + len(kinds)))
        spread = self.posterior().spread_of_means() / max(score_weight, _LEAST_SCORE_WEIGHT)
        for weight, kind in zip(weights, kinds, strict=True):
            model = fit_log_costs(self.space, self.matrix, arms, kind)
            of_levels = of_levels + weight * spread / model.spread * model.levels
            of_arms = of_arms + weight * spread / model.spread * model.arms
        return of_levels, of_arms

    def _is_settled(self) -> bool:
        """Whether knowing the best arm is expected to be worth less than the caller cares for."""
        if self._stop_below is None or self._untried:
            return False
        posterior = self.posterior()
        draws = posterior.draw(np.random.default_rng([self._seed, self.batch_number, 1]), _REGRET_DRAWS)
        measured = posterior.measured_scores(draws)
        values = Candidates(
            posterior, draws, level_costs=np.zeros(self.space.offsets[-1]), arm_costs=np.zeros(len(posterior.arms))
        ).best_values()
        own = measured[:, posterior.arms.index(find_leader(self.posterior(), self.matrix))]
        return float(np.mean(values - own)) * posterior.unit < self._stop_below

    def _are_new_allowed(self) -> bool:
        """Whether arms may be measured for the first time; they must be where all others are complete."""
        is_early = self.remaining >= LAST_NEW_ARM * self._race_budget
        return is_early or all(self._is_complete(arm) for arm in self.matrix.measured())

    def _is_complete(self, arm: Arm) -> bool:
        return self.matrix.asked(arm) >= self.examples

    def _blocks(self, arms: Sequence[Arm], limit: int) -> list[Cell]:
        """The next block of every arm, no more than `limit` cells in all."""
        cells: list[Cell] = []
        for arm in arms:
            cells += self._next_cells(arm, BLOCK, limit - len(cells))
        return cells

    def _next_cells(self, arm: Arm, count: int, limit: int) -> list[Cell]:
        """The arm's next `count` places, as far as `limit` and the examples go."""
        first = self.matrix.asked(arm)
        last = min(first + min(count, max(limit, 0)), self.examples)
        return [Cell(arm, place) for place in range(first, last)]
