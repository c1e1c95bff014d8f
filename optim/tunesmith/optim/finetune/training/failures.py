"""What torch raises, in words."""

import torch

from tunesmith.optim.finetune.errors import DeviceLost, FinetuneError
from tunesmith.optim.finetune.settings import TrainSettings


def as_finetune_error(error: BaseException, device: str, settings: TrainSettings) -> FinetuneError | None:
    """Of errors that are nobody's mistake in the code; None for any other."""
    if isinstance(error, FinetuneError):
        return error
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error):
        return _memory_ran_out(device, settings)
    if isinstance(error, torch.AcceleratorError) or (isinstance(error, RuntimeError) and "CUDA error" in str(error)):
        return DeviceLost(device, str(error).strip().splitlines()[0].rstrip(". "))
    return None


def _memory_ran_out(device: str, settings: TrainSettings) -> FinetuneError:
    smaller = [f"batch_tokens below {settings.batch_tokens}"]
    if not settings.activation_checkpointing:
        smaller.append("activation_checkpointing")
    if settings.method == "full":
        smaller.append("LoRA")
    *others, last = smaller
    choices = f"{', '.join(others)} or {last}" if others else last
    return FinetuneError(
        f"Memory ran out on {device} while training ({settings.method}, {settings.batch_tokens} tokens at once).",
        f"Train with {choices}. Checkpoints so far are intact.",
    )
