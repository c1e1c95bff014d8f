"""How many answers a second a student gives, before it exists. A rough number, for break-even alone."""

from tunesmith.optim.finetune.base_models import ModelDescription
from tunesmith.optim.finetune.forecast.flops import FORWARD
from tunesmith.optim.finetune.forecast.hardware import Hardware
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes

TOGETHER = {"cuda": 16, "cpu": 8}
"""Calls answered at once."""
EFFICIENCY = {"cuda": 0.4, "cpu": 0.6}
"""Share of the rate of products reached on prompts. An assumption."""
LAYER_SECONDS = {"cuda": 0.25e-3, "cpu": 0.1e-3}
"""A layer's operators called once, whatever their size."""


def queries_per_second(description: ModelDescription, sizes: RowSizes, hardware: Hardware) -> float:
    """In torch: the prompt behind what rows share is computed, then the answer token by token, calls side by side."""
    width = 2 if hardware.device == "cuda" else 4
    rows = TOGETHER[hardware.device]
    layers = description.layers + description.encoder_layers
    body = sum(one.inputs * one.outputs for one in description.linears)
    encoder = sum(one.inputs * one.outputs for one in description.linears if ".encoder." in f".{one.name}")
    read = encoder if description.architecture == "seq2seq" else body
    shared = sizes.shared_prefix if description.architecture == "causal" else 0
    rate = hardware.flops * EFFICIENCY[hardware.device]
    prompts = rows * max(1, sizes.prompt_tokens - shared) * FORWARD * read / rate
    written = (body - encoder) + description.hidden * description.vocabulary
    token = (
        max(rows * FORWARD * written / rate, width * written / hardware.bytes_per_second)
        + description.layers * LAYER_SECONDS[hardware.device]
    )
    return rows / (prompts + layers * LAYER_SECONDS[hardware.device] + sizes.target_tokens * token)
