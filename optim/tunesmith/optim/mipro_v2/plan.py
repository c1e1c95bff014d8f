"""What MIPROv2 would do with its options, and how often that runs the program."""

from msgspec import Struct

from tunesmith.optim.cost import Part, ProgramCalls
from tunesmith.optim.prompt_search import (
    AUTO,
    FULL_EVALUATION_EVERY,
    MINIBATCH,
    CallPlan,
    plan_calls,
    prompt_call_ceiling,
    search_calls,
    trial_count,
)
from tunesmith.protocol import MIPROv2Options

INSTRUCTIONS = 20
"""Variants of each predictor's instruction, beside its own."""


class Trials(Struct, frozen=True, kw_only=True):
    """How dspy's search would go: its program calls are the ceiling of ours."""

    count: int | None = None
    """None: what the mode comes to."""
    on_minibatches: bool = True
    minibatch: int = MINIBATCH
    """Examples."""
    full_every: int = FULL_EVALUATION_EVERY
    """Trials between two evaluations on all validation examples."""


class SearchPlan(Struct, frozen=True, kw_only=True):
    """What is written, and what the program calls are shared out to."""

    predictors: int
    train: int
    """Training examples."""
    val: int
    """Validation examples searched on."""
    labeled: int
    """Demos a predictor of a teacher shows, at most."""
    demos: int
    """Demos a predictor of a candidate shows, at most; 0: only instructions vary."""
    instructions: int
    """Written for each predictor."""
    calls: CallPlan
    basis: str
    """Where the ceiling of the calls comes from."""

    def program_calls(self, *, writes: bool) -> ProgramCalls:
        """`writes`: a model writes instructions, not templates."""
        ceiling, train = self.calls.ceiling, self.train
        plain = min(self.calls.errors, ceiling)
        taught = min(self.calls.teaching, ceiling - plain)
        asks = writes and self.instructions > 0
        return ProgramCalls(
            train=train,
            val=self.val,
            parts=[
                Part(calls=plain, demos=0),
                Part(calls=taught, demos=min(self.labeled, train), by_teacher=True),
                Part(calls=ceiling - plain - taught, demos=min(self.demos, train)),
            ],
            basis=f"{self.basis}, {self.predictors} predictor{'' if self.predictors == 1 else 's'} and {self.val} "
            "validation examples",
            prompt_calls=prompt_call_ceiling(self.predictors, reflection_rounds=self.calls.rounds) if asks else 0,
        )


def plan_search(
    options: MIPROv2Options, *, predictors: int, train: int, val: int, trials: Trials | None = None
) -> SearchPlan:
    """For a program of so many predictors, and so many training and validation examples."""
    demos = max(options.max_bootstrapped_demos, options.max_labeled_demos)
    ceiling = _dspy_calls(options, trials or Trials(), predictors=predictors, val=val, zero_shot=demos == 0)
    basis, cap = f"dspy's ceiling for auto={options.auto}", options.max_program_calls
    if cap is not None and cap < ceiling:
        ceiling, basis = cap, f"max_program_calls={cap}, below {basis}"
    wanted = options.num_candidates if options.num_instructions is None else options.num_instructions
    instructions = INSTRUCTIONS if wanted is None else wanted
    return SearchPlan(
        predictors=predictors,
        train=train,
        val=val,
        labeled=options.max_labeled_demos,
        demos=demos,
        instructions=instructions,
        calls=plan_calls(ceiling, train=train, teaches=demos > 0, proposes=instructions > 0),
        basis=basis,
    )


def _dspy_calls(options: MIPROv2Options, trials: Trials, *, predictors: int, val: int, zero_shot: bool) -> int:
    """Program calls of dspy's search."""
    count = trials.count
    if count is None:
        candidates = AUTO[options.auto].candidates if options.auto is not None else options.num_candidates
        count = trial_count(candidates or 1, predictors=predictors, zero_shot=zero_shot)
    return search_calls(
        count,
        val,
        minibatch=trials.minibatch,
        full_every=trials.full_every,
        minibatches=trials.on_minibatches,
    )
