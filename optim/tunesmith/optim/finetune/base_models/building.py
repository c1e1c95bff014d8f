"""Models laid out from a configuration, with random weights or none."""

from typing import Any

from tunesmith.optim.finetune.base_models.loading import architecture_of, auto_class
from tunesmith.optim.finetune.base_models.quiet import quiet_transformers


def model_from_config(config: Any) -> Any:
    """In fp32 and train mode, on torch's current device: under `torch.device("meta")` no memory is taken.

    Raises `ModelUnsupported`, `ExtraMissing`.
    """
    family = auto_class(architecture_of(config, config.name_or_path or config.model_type))
    import torch

    with quiet_transformers():
        model = family.from_config(config, dtype=torch.float32)
    if has_own_head(config):
        head = torch.empty_like(model.lm_head.weight)
        model.lm_head.weight = torch.nn.Parameter(head.normal_(std=config.d_model**-0.5))
    return model


def has_own_head(config: Any) -> bool:
    """Whether a T5 is of version 1.1 (Flan-T5, mT5, UMT5), whose files hold a head beside the embeddings.

    Its decoder's output enters the head unscaled. transformers 5 ties the two whatever the configuration says, and
    unties them while loading where they differ.
    """
    if config.model_type not in ("t5", "mt5", "umt5"):
        return False
    is_scaled = getattr(config, "scale_decoder_outputs", None)  # mT5's and older configurations do not say
    return not is_scaled if is_scaled is not None else config.model_type == "mt5" or not config.tie_word_embeddings
