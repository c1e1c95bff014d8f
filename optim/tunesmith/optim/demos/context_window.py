"""Demos that would not fit the model's context window are dropped before they are tried, the last ones first.

Lengths are estimated, and only where the window is known: litellm's table, or our own local models. What is too long
nevertheless is an answer the program never gets: a zero for that candidate on that example.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from tunesmith.optim.adapters import CHARACTERS_PER_TOKEN, adapter_in_force, format_of
from tunesmith.optim.demos.pool import as_text
from tunesmith.optim.demos.sets import DemoSet
from tunesmith.optim.dspy_types import Example, LanguageModel, Program
from tunesmith.optim.rollouts import is_local

ANSWER_TOKENS = 500


def fit_demo_sets(
    sets: Mapping[str, Sequence[DemoSet]], student: Program, examples: Sequence[Example], *, warn: Callable[[str], None]
) -> dict[str, list[DemoSet]]:
    """The same sets, shortened where they would exceed a predictor's model. What the program came with stays.

    `sets` by predictor. `examples`: whose inputs a prompt must have room for beside the demos.
    """
    import dspy

    longest = max((len(as_text(dict(example.items()))) for example in examples), default=0) // CHARACTERS_PER_TOKEN
    written = format_of(adapter_in_force())
    fitted: dict[str, list[DemoSet]] = {}
    for name, predictor in student.named_predictors():
        window = context_window(predictor.lm or dspy.settings.lm)
        own, *others = sets[name]
        if window is not None:
            room = window - written.system_tokens - ANSWER_TOKENS - longest
            fields = len(predictor.signature.fields)
            shortened = [_shortened(one, room, fields * written.tokens_per_field) for one in others]
            if dropped := sum(len(a.demos) - len(b.demos) for a, b in zip(others, shortened, strict=True)):
                warn(
                    f"Demos left out of the sets of {name}, because with them a prompt would exceed the model's "
                    f"context window of {window:,} tokens: {dropped}."
                )
            others = shortened
        fitted[name] = [own, *others]
    return fitted


def context_window(lm: LanguageModel | None) -> int | None:
    """Tokens a prompt and its answer may have together; None where nobody knows."""
    if getattr(lm, "is_local", False):
        from tunesmith.optim.local_lms import SLOT_TOKENS

        return SLOT_TOKENS
    model = getattr(lm, "model", None)
    if not isinstance(model, str) or is_local(lm):
        return None
    import litellm

    known: dict[str, Any] = litellm.model_cost.get(model) or litellm.model_cost.get(model.partition("/")[2]) or {}
    window = known.get("max_input_tokens") or known.get("max_tokens")
    return window if isinstance(window, int) else None


def _shortened(one: DemoSet, room: int, around: int) -> DemoSet:
    """`around`: tokens that a demo takes beside its values."""
    kept, used = 0, 0
    for choice in one.choices:
        used += choice.tokens + around
        if used > room:
            break
        kept += 1
    if kept == len(one.demos):
        return one
    choices = one.choices[:kept]
    return replace(one, demos=one.demos[:kept], choices=choices, tokens=sum(choice.tokens for choice in choices))
