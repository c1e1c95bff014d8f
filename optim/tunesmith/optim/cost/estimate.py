"""What a run would cost at most, told before anything is spent: how often, how much, and on what that rests."""

import math

from msgspec import structs

from tunesmith.optim.cost.basis import basis_lines
from tunesmith.optim.cost.evidence import Evidence
from tunesmith.optim.cost.program_calls import ProgramCalls
from tunesmith.optim.cost.spending import spending_of
from tunesmith.protocol import Budget, Estimate


def estimate_cost(optimizer: str, calls: ProgramCalls, evidence: Evidence) -> Estimate:
    """Of a run that meets no limit but its own."""
    lm_calls = math.ceil(calls.ceiling * evidence.calls_per_program) + calls.prompt_calls
    spending = spending_of(calls, evidence)
    seconds = evidence.seconds_per_call
    return Estimate(
        optimizer=optimizer,
        train=calls.train,
        val=calls.val,
        program_calls=calls.ceiling,
        expected_program_calls=calls.expected,
        calls_per_program=evidence.calls_per_program,
        prompt_calls=calls.prompt_calls,
        lm_calls=lm_calls,
        prompt_tokens=round(spending.prompt_tokens),
        completion_tokens=round(spending.completion_tokens),
        usd=spending.usd,
        seconds=None if seconds is None else lm_calls * seconds,
        basis=basis_lines(calls, evidence, spending.usd),
    )


def within_budget(estimate: Estimate, budget: Budget) -> Estimate:
    """The same for a run that is given a budget: it stops there."""
    basis = list(estimate.basis)
    if budget.max_calls is not None and budget.max_calls < estimate.lm_calls:
        share = budget.max_calls / estimate.lm_calls
        basis.append(f"limit: it stops after {budget.max_calls:,} LM calls, before it did all of that")
        estimate = structs.replace(
            estimate,
            lm_calls=budget.max_calls,
            prompt_tokens=round(share * estimate.prompt_tokens),
            completion_tokens=round(share * estimate.completion_tokens),
            usd=None if estimate.usd is None else share * estimate.usd,
            seconds=None if estimate.seconds is None else share * estimate.seconds,
        )
    if budget.max_usd is not None and (estimate.usd is None or budget.max_usd < estimate.usd):
        basis.append(f"limit: it stops at ${budget.max_usd:g}")
        estimate = structs.replace(estimate, usd=budget.max_usd)
    if budget.max_seconds is not None and (estimate.seconds is None or budget.max_seconds < estimate.seconds):
        basis.append(f"limit: it stops after {budget.max_seconds:g} s")
        estimate = structs.replace(estimate, seconds=budget.max_seconds)
    return structs.replace(estimate, basis=basis)
