"""What finetuning needs beside dspy, looked for before anything is spent."""

import importlib.util

from tunesmith.optim.finetune.errors import ExtraMissing

MODULES = ("torch", "transformers", "peft", "accelerate", "safetensors")


def require_extra() -> None:
    """Imports nothing. Raises `ExtraMissing` for the first package that is not installed."""
    for module in MODULES:
        if importlib.util.find_spec(module) is None:
            raise ExtraMissing(module)
