"""How often a run executes the program, at most: by what for, and with how many demos in its prompts."""

import math
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos.gathering import POOL_FACTOR
from tunesmith.optim.mipro_v2 import INSTRUCTIONS
from tunesmith.optim.search_budget import plan_calls, program_call_ceiling, prompt_call_ceiling

ACCEPTED = 0.5
"""The share of answers a teacher is taken to get right where no earlier run says how good the program is."""


class Part(Struct, frozen=True, kw_only=True):
    calls: int
    demos: int
    """Shown at most, beyond those the program came with."""
    by_teacher: bool = False


class ProgramCalls(Struct, frozen=True, kw_only=True):
    parts: list[Part]
    basis: str
    """Where the ceiling comes from."""
    expected: int | None = None
    """A likely number below the ceiling; None where nothing says so."""
    prompt_calls: int = 0
    """Calls that write instructions, at most."""

    @property
    def ceiling(self) -> int:
        return sum(part.calls for part in self.parts)


def evaluation_calls(val: int) -> ProgramCalls:
    return ProgramCalls(parts=[Part(calls=val, demos=0)], basis=f"one for each of {val} examples")


def bootstrap_calls(
    options: Mapping[str, Any], *, train: int, val: int, teacher_rounds: int, accepted: float | None
) -> ProgramCalls:
    """`accepted`: the share of examples the program is known to get right."""
    bootstrapped, labeled = options.get("max_bootstrapped_demos", 4), options.get("max_labeled_demos", 16)
    rounds = options.get("teacher_rounds", teacher_rounds) if bootstrapped else 0
    most = rounds * train * options.get("max_rounds", 1)
    pool = options.get("pool_size")
    pool = POOL_FACTOR * bootstrapped if pool is None else pool
    share = ACCEPTED if accepted is None else accepted
    until_full = math.ceil(pool / share)
    # A later round teaches what is not solved yet.
    taught = until_full if until_full <= train else train + (rounds - 1) * round((1 - share) * train)
    known = "assumed" if accepted is None else "as before"
    teaching = (
        f"{rounds} teacher round{'' if rounds == 1 else 's'} over {train} training examples, fewer once {pool} are "
        f"answered well ({100 * share:.0f} % of the answers right, {known}), and "
    )
    return ProgramCalls(
        parts=[
            Part(calls=most, demos=min(labeled, train), by_teacher=True),
            Part(calls=val, demos=0),
            Part(calls=val, demos=min(max(bootstrapped, labeled), train)),
        ],
        expected=min(taught, most) + 2 * val,
        basis=f"{teaching if rounds else ''}{val} validation examples twice",
    )


def search_calls_of(options: Mapping[str, Any], *, predictors: int, train: int, val: int, writes: bool) -> ProgramCalls:
    """`writes`: a model writes instructions, not templates."""
    auto = options["auto"]
    bootstrapped, labeled = options.get("max_bootstrapped_demos", 4), options.get("max_labeled_demos", 4)
    zero_shot = not (bootstrapped or labeled)
    ceiling = program_call_ceiling(auto, predictors=predictors, val=val, zero_shot=zero_shot)
    own, cap = f"dspy's ceiling for auto={auto}", options.get("max_program_calls")
    if cap is not None and cap < ceiling:
        ceiling, own = cap, f"max_program_calls={cap}, below dspy's ceiling for auto={auto}"
    wanted = options.get("num_instructions")
    proposes = (INSTRUCTIONS if wanted is None else wanted) > 0
    plan = plan_calls(ceiling, train=train, teaches=not zero_shot, proposes=proposes)
    plain = min(plan.errors, ceiling)
    taught = min(plan.teaching, ceiling - plain)
    return ProgramCalls(
        parts=[
            Part(calls=plain, demos=0),
            Part(calls=taught, demos=min(labeled, train), by_teacher=True),
            Part(calls=ceiling - plain - taught, demos=min(max(bootstrapped, labeled), train)),
        ],
        basis=f"{own}, {predictors} predictor{'' if predictors == 1 else 's'} and {val} validation examples",
        prompt_calls=prompt_call_ceiling(predictors, reflection_rounds=plan.rounds) if proposes and writes else 0,
    )
