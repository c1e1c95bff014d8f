"""The prompting of a model: one of two kinds."""

from typing import Any

from tunesmith.optim.finetune.prompting.causal import CausalPrompting
from tunesmith.optim.finetune.prompting.prompting import Prompting
from tunesmith.protocol.student import Architecture


def prompting_for(tokenizer: Any, architecture: Architecture) -> Prompting:
    """`tokenizer` is a transformers tokenizer. Building one tries it on a few characters."""
    if architecture == "causal":
        return CausalPrompting(tokenizer)
    from tunesmith.optim.finetune.prompting.text_to_text import TextToTextPrompting

    return TextToTextPrompting(tokenizer)
