"""Floating-point operations of training, counted over a model's linear layers.

A product with a weight costs 2 operations a weight and token forward, 2 for the gradient of its input, and 2 for that
of the weight where it trains: 6 in full finetuning, 4 beside adapters or behind a soft prompt, and 2 more where
activations are computed twice. The head meets target tokens alone.
"""

from tunesmith.optim.finetune.base_models import LinearModule, ModelDescription
from tunesmith.optim.finetune.forecast.step import Step
from tunesmith.optim.finetune.settings import TrainSettings

FORWARD = 2
ATTENTION_TIMES = 3.5
"""Of attention forward and back to forward alone: fused kernels compute the scores again."""


def training_flops(description: ModelDescription, settings: TrainSettings, step: Step) -> float:
    """Of one optimizer step."""
    trained = 6 if settings.method == "full" else 4
    again = FORWARD if settings.activation_checkpointing else 0
    encoder, decoder = stack_tokens(description, settings, step)
    body = body_products(description, encoder, decoder) * (trained + again)
    adapters = 0
    if settings.method == "lora":
        rank = settings.lora.rank
        adapters = sum(
            rank * (one.inputs + one.outputs) * _tokens_of(one, encoder, decoder) for one in description.linears
        ) * (6 + again)
    head = description.hidden * description.vocabulary * step.target_tokens * trained
    attention = attention_flops(description, settings, step) * (ATTENTION_TIMES + again / FORWARD)
    return float(body + adapters + head + attention)


def forward_flops(description: ModelDescription, settings: TrainSettings, step: Step) -> float:
    """Of scoring the same rows."""
    encoder, decoder = stack_tokens(description, settings, step)
    head = description.hidden * description.vocabulary * step.target_tokens
    return FORWARD * float(body_products(description, encoder, decoder) + head) + attention_flops(
        description, settings, step
    )


def stack_tokens(description: ModelDescription, settings: TrainSettings, step: Step) -> tuple[int, int]:
    """Tokens a step puts through the encoder and through the decoder, soft prompts and padding included."""
    soft = settings.prompt.tokens if settings.method == "prompt" else 0
    rows = sum(len(batch.examples) for batch in step.batches)
    if description.architecture == "causal":
        return 0, step.tokens + soft * rows
    targets = sum(len(batch.examples) * max(len(one.target) for one in batch.examples) for batch in step.batches)
    return step.tokens - targets + soft * rows, targets


def body_products(description: ModelDescription, encoder: int, decoder: int) -> int:
    """Weights of all linear layers but the head, each times the tokens it meets."""
    return sum(one.inputs * one.outputs * _tokens_of(one, encoder, decoder) for one in description.linears)


def attention_flops(description: ModelDescription, settings: TrainSettings, step: Step) -> float:
    """Scores and weighted sums, forward. Half of a causal row's square is left out, but not where a mask is given."""
    width = description.heads * description.head_width
    soft = settings.prompt.tokens if settings.method == "prompt" else 0
    pairs = 0.0
    for batch in step.batches:
        rows = len(batch.examples)
        if step.is_packed:
            pairs += description.layers * batch.padded_tokens**2
        elif description.architecture == "causal":
            pairs += description.layers * rows * (batch.padded_tokens / rows + soft) ** 2 / 2
        else:
            source = max(len(one.prompt) for one in batch.examples) + soft
            target = max(len(one.target) for one in batch.examples)
            pairs += rows * (description.encoder_layers * source**2 + description.layers * target * (source + target))
    return 2 * FORWARD * width * pairs


def _tokens_of(linear: LinearModule, encoder: int, decoder: int) -> int:
    """Keys and values of the decoder's look at the encoder are made of the encoder's tokens."""
    if ".encoder." in f".{linear.name}":
        return encoder
    is_cross = any(name in linear.name for name in ("EncDecAttention", "encoder_attn", "cross_attn"))
    return encoder if is_cross and linear.name.endswith((".k", ".v", "k_proj", "v_proj")) else decoder
