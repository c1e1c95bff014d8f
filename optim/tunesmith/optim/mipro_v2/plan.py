"""How often MIPROv2 runs the program, before it does."""

from collections.abc import Mapping
from typing import Any

from tunesmith.optim.cost import Part, ProgramCalls
from tunesmith.optim.prompt_search import plan_calls, program_call_ceiling, prompt_call_ceiling

INSTRUCTIONS = 20
"""Variants of each predictor's instruction, beside its own."""


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
