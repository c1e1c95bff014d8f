"""How much: the tokens and dollars of so many program calls."""

from typing import Any

from msgspec import Struct

from tunesmith.optim.adapters import PromptSize
from tunesmith.optim.cost.evidence import Evidence
from tunesmith.optim.cost.prices import price_of
from tunesmith.optim.cost.program_calls import Part, ProgramCalls

PROMPT_CALL = (2500, 400)
"""Tokens in and out of a call that writes instructions: descriptions, examples, errors in; a few variants out."""


class Spending(Struct, frozen=True, kw_only=True):
    """Of a whole run."""

    prompt_tokens: float
    completion_tokens: float
    usd: float | None
    """None: the price of some call is unknown."""


def spending_of(calls: ProgramCalls, evidence: Evidence) -> Spending:
    """Of as many calls as there may be."""
    prompt = completion = 0.0
    usd: float | None = 0.0
    for lm, tokens_in, tokens_out in _spent(calls, evidence):
        prompt, completion = prompt + tokens_in, completion + tokens_out
        price = price_of(lm, tokens_in, tokens_out) if tokens_in else 0.0
        usd = None if usd is None or price is None else usd + price
    return Spending(prompt_tokens=prompt, completion_tokens=completion, usd=usd)


def _spent(calls: ProgramCalls, evidence: Evidence) -> list[tuple[Any, float, float]]:
    """Model, tokens in and tokens out."""
    past, sizes = evidence.past, evidence.sizes
    turns = _turns(evidence)
    prompt_scale = _scale(evidence, past.prompt_tokens if past else None, sum(size.prompt for size in sizes))
    answer_scale = _scale(evidence, past.completion_tokens if past else None, sum(size.completion for size in sizes))
    spent: list[tuple[Any, float, float]] = [
        (evidence.models.writer, calls.prompt_calls * PROMPT_CALL[0], calls.prompt_calls * PROMPT_CALL[1])
    ]
    for part in calls.parts:
        for size in sizes:
            tokens_in = part.calls * (size.prompt * prompt_scale + size.demo * part.demos * turns)
            spent.append((_lm_of(evidence, part, size), tokens_in, part.calls * size.completion * answer_scale))
    return spent


def _scale(evidence: Evidence, measured: float | None, rendered: float) -> float:
    """From what was rendered to what an earlier run counted; without one, from one turn to all of a program's."""
    return measured / rendered if measured is not None and rendered else _turns(evidence)


def _turns(evidence: Evidence) -> float:
    """LM calls of a predictor in one call of the program."""
    return evidence.calls_per_program / max(len(evidence.sizes), 1)


def _lm_of(evidence: Evidence, part: Part, size: PromptSize) -> Any:
    return size.lm or (evidence.models.teacher if part.by_teacher else None) or evidence.models.default
