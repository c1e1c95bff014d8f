"""Prices of calls from litellm's offline table."""

from typing import Any

from tunesmith.optim.rollouts import is_local


def price_of(lm: Any, prompt_tokens: float, completion_tokens: float) -> float | None:
    """USD for so many tokens in and out; 0 for a model on this machine; None where the table does not have it."""
    if is_local(lm):
        return 0.0
    model = getattr(lm, "model", None)
    if not isinstance(model, str):
        return None
    import litellm

    known: dict[str, Any] = litellm.model_cost.get(model) or litellm.model_cost.get(model.partition("/")[2]) or {}
    rate_in, rate_out = known.get("input_cost_per_token"), known.get("output_cost_per_token")
    if rate_in is None or rate_out is None:
        return None
    return float(prompt_tokens * rate_in + completion_tokens * rate_out)
