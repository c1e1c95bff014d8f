"""What a search may cost: as many program calls as dspy's `MIPROv2` makes in the same mode, and no more.

The formulas are those of dspy 3.3, `teleprompt/mipro_optimizer_v2.py` (`_set_num_trials_from_num_candidates`,
`_optimize_prompt_parameters`); a test compares them with the installed dspy.
"""

import math

from msgspec import Struct

from tunesmith.protocol import AutoMode


class AutoSettings(Struct, frozen=True):
    """What a mode stands for."""

    candidates: int
    """Demo sets a predictor, and instructions in a zero-shot search."""
    val: int
    """Validation examples used at most."""


AUTO: dict[AutoMode, AutoSettings] = {
    "light": AutoSettings(6, 100),
    "medium": AutoSettings(12, 300),
    "heavy": AutoSettings(18, 1000),
}

MINIBATCH = 35
"""Examples of a trial; dspy's default."""
FULL_EVALUATION_EVERY = 5
"""Trials between two evaluations on all validation examples."""
SMALLEST_FOR_MINIBATCHES = 50
"""With so many validation examples or fewer, every trial uses all of them."""

SHARED_PROMPT_CALLS = 2
"""Describing the data and the program, once a run."""
PROPOSALS = 8
"""Calls that write a predictor's first instructions."""
REFLECTIONS = 3
"""Calls that write a predictor's further instructions from what failed, in each round."""
REFLECTION_ROUNDS = 2

ERRORS_MOST = 24
REFLECTION_MOST = 16
TEACHING_SHARE_MOST = 25
"""Per cent of a run's program calls that may go into finding demos."""
WORTH_REFLECTING = 200
"""Program calls from which a run can spare some for looking at what still fails."""


def trial_count(candidates: int, *, predictors: int, zero_shot: bool) -> int:
    """Combinations dspy tries. `zero_shot`: only instructions vary, not demos."""
    variables = predictors if zero_shot else 2 * predictors
    return int(max(2 * variables * math.log2(candidates), 1.5 * candidates))


def search_calls(
    trials: int,
    val: int,
    *,
    minibatch: int = MINIBATCH,
    full_every: int = FULL_EVALUATION_EVERY,
    minibatches: bool = True,
) -> int:
    """Program calls of so many trials: the baseline on all `val` examples, the trials on minibatches, and a full
    evaluation after every `full_every` of them and after the last; without minibatches, or on few examples, every
    trial is a full evaluation."""
    if not minibatches or val <= SMALLEST_FOR_MINIBATCHES:
        return val * (1 + trials)
    return val + minibatch * trials + val * math.ceil(trials / full_every)


def prompt_call_ceiling(predictors: int, *, reflection_rounds: int = REFLECTION_ROUNDS) -> int:
    """Calls to the prompt model, retries of failed ones not counted."""
    return SHARED_PROMPT_CALLS + predictors * (PROPOSALS + REFLECTIONS * reflection_rounds)


class RaceBudget(Struct, frozen=True, kw_only=True):
    """What a race may spend, in program calls."""

    cells: int
    """Cells to score at most."""
    ceiling: int
    """Of the whole run."""
    spent: int
    """Before the race."""


class CallPlan(Struct, frozen=True, kw_only=True):
    """How the program calls of a run are shared out. The parts add up to the ceiling."""

    ceiling: int
    errors: int
    """Training examples the baseline answers, so that its errors can be read."""
    teaching: int
    """Training examples tried for demos, at most."""
    reflection: int
    """Training examples the leader answers in each round of reflection."""
    rounds: int
    """Of reflection."""
    search: int
    """Cells of the search."""

    def race_budget(self, spent: int) -> RaceBudget:
        """With so many calls spent before the race: what teaching and reading left over is the race's."""
        cells = max(0, self.ceiling - spent - self.rounds * self.reflection)
        return RaceBudget(cells=cells, ceiling=self.ceiling, spent=spent)


def plan_calls(ceiling: int, *, train: int, teaches: bool, proposes: bool) -> CallPlan:
    """Share out `ceiling` program calls. What is small is spared: a budget below one hundred calls goes to the
    search alone, but for the demos."""
    teaching = min(TEACHING_SHARE_MOST * ceiling // 100, 2 * train) if teaches else 0
    errors = min(ERRORS_MOST, train, ceiling // 20) if proposes else 0
    reflection = min(REFLECTION_MOST, train, ceiling // 40) if proposes and ceiling >= WORTH_REFLECTING else 0
    rounds = REFLECTION_ROUNDS if reflection else 0
    return CallPlan(
        ceiling=ceiling,
        errors=errors,
        teaching=teaching,
        reflection=reflection,
        rounds=rounds,
        search=max(0, ceiling - errors - teaching - rounds * reflection),
    )
