"""A method applied to a model: what trains is marked and in fp32, the rest is frozen."""

from collections.abc import Sequence
from typing import Any

from tunesmith.optim.finetune.base_models import linear_targets, quiet_transformers
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.protocol.student import Architecture


def takes_task_ids(settings: TrainSettings) -> bool:
    """Whether each row of a batch must say its task's number (`task_ids`): a soft prompt for several tasks."""
    return settings.method == "prompt" and len(settings.tasks) > 1


def apply_method(
    model: Any, settings: TrainSettings, *, architecture: Architecture, prompt_text: str | None, tokenizer: Any
) -> Any:
    """`model` itself with everything trainable (full), or a peft model around it.

    `prompt_text` is what a soft prompt starts as where the settings name no text; with neither it starts as words drawn
    at random. Equal settings give equal initial weights, and torch's random state is left as it was.
    """
    if settings.method == "full":
        return model.float().requires_grad_(True)
    import peft
    import torch

    with torch.random.fork_rng(devices=[]), quiet_transformers():
        torch.manual_seed(settings.seed)
        if settings.method == "lora":
            return peft.get_peft_model(model, _lora_config(model, settings, architecture))
        prompted = peft.get_peft_model(model, _prompt_config(settings, architecture))
        _start_prompt(prompted, settings, settings.prompt.text or prompt_text, tokenizer)
        return prompted


def enable_checkpointing(model: Any) -> None:
    """Changes a model or a peft model: in train mode, activations are computed again on the way back, not kept."""
    bare = model.get_base_model() if hasattr(model, "peft_config") else model
    # Re-entrant checkpointing would cut the gradient of adapters behind a frozen embedding.
    if hasattr(bare, "activation_checkpointing_enable"):
        bare.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    else:  # transformers before 5.24
        bare.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})


def _task_type(architecture: Architecture) -> str:
    return "SEQ_2_SEQ_LM" if architecture == "seq2seq" else "CAUSAL_LM"


def _lora_config(model: Any, settings: TrainSettings, architecture: Architecture) -> Any:
    import peft

    lora = settings.lora
    return peft.LoraConfig(
        task_type=_task_type(architecture),
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        use_rslora=lora.rslora,
        use_dora=lora.dora,
        target_modules=linear_targets(model),
    )


def _prompt_config(settings: TrainSettings, architecture: Architecture) -> Any:
    import peft

    options: dict[str, Any] = {
        "task_type": _task_type(architecture),
        "num_virtual_tokens": settings.prompt.tokens,
        # The encoder alone is prompted (Lester et al. 2021); peft's `generate` knows no prompt of the decoder.
        "num_transformer_submodules": 1,
    }
    if takes_task_ids(settings):
        return peft.MultitaskPromptTuningConfig(num_tasks=len(settings.tasks), **options)
    return peft.PromptTuningConfig(**options)


def _start_prompt(prompted: Any, settings: TrainSettings, text: str | None, tokenizer: Any) -> None:
    """The prompt's embeddings start as the model's own, of `text` repeated or cut to length."""
    import torch

    encoder = prompted.prompt_encoder[prompted.active_adapter]
    words = prompted.get_base_model().get_input_embeddings()
    ids = _prompt_ids(text, tokenizer, settings.prompt.tokens, words.num_embeddings)
    with torch.no_grad():
        encoder.embedding.weight.copy_(words(torch.tensor(ids, device=words.weight.device)).float())
        if takes_task_ids(settings):
            # A task's prompt is the shared one times the product of these; peft starts them near 0, and with them
            # every prompt at nothing. At 1 every task starts as the text.
            encoder.prefix_task_cols.fill_(1.0)
            encoder.prefix_task_rows.fill_(1.0)


def _prompt_ids(text: str | None, tokenizer: Any, length: int, vocabulary: int) -> Sequence[int]:
    import torch

    ids = tokenizer.encode(text, add_special_tokens=False) if text else []
    if not ids:
        drawn: list[int] = torch.randint(0, vocabulary, (length,)).tolist()
        return drawn
    return (ids * (length // len(ids) + 1))[:length]
