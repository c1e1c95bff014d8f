"""Calling transformers models alike, whatever their family and version call their arguments."""

import inspect
from typing import Any


def forward(model: Any, *, cache: Any, position_ids: Any = None, **inputs: Any) -> Any:
    """The output of `model`, which fills `cache`; logits of the last position alone where the model can."""
    known = inspect.signature(model.forward).parameters
    # Renamed in transformers 5.24; positions are unknown to models that bias attention by distance.
    inputs["cache" if "cache" in known else "past_key_values"] = cache
    if position_ids is not None and "position_ids" in known:
        inputs["position_ids"] = position_ids
    if "logits_to_keep" in known:
        # The head is the dearest part of a small model: it need not see the prompt.
        inputs["logits_to_keep"] = 1
    return model(use_cache=True, **inputs)
