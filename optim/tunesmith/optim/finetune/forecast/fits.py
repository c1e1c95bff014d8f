"""Whether a training fits into memory, and what does where it does not."""

from collections.abc import Callable, Iterator

import msgspec

from tunesmith.optim.finetune.base_models import ModelDescription
from tunesmith.optim.finetune.errors import MemoryTooSmall
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies import METHOD_WORDS
from tunesmith.protocol.student import Method

SMALLEST_BATCH = 256
"""Tokens computed at once below which more and smaller batches save little."""
SMALLER: dict[Method, tuple[Method, ...]] = {"full": ("lora", "prompt"), "lora": ("prompt",), "prompt": ()}


def check_memory(
    description: ModelDescription,
    settings: TrainSettings,
    *,
    memory: Callable[[TrainSettings], int],
    free_bytes: int,
    where: str = "this machine",
) -> None:
    """Raises `MemoryTooSmall`, naming the nearest settings that fit. `memory`: bytes a training needs at its peak."""
    needed = memory(settings)
    if needed <= free_bytes:
        return
    fits = next((words for other, words in nearest_settings(settings) if memory(other) <= free_bytes), None)
    wanted = METHOD_WORDS[settings.method]
    raise MemoryTooSmall(f"{wanted[0].upper()}{wanted[1:]} of {description.name}", needed, free_bytes, where, fits)


def nearest_settings(settings: TrainSettings) -> Iterator[tuple[TrainSettings, str]]:
    """Settings that need less, the least change first, each with words for it."""
    for method in (settings.method, *SMALLER[settings.method]):
        named = "" if method == settings.method else f"{METHOD_WORDS[method]} (`--strategy {method}`)"
        for tokens, is_checkpointed in _savings(settings, has_changed=bool(named)):
            smaller = msgspec.structs.replace(
                settings, method=method, batch_tokens=tokens, activation_checkpointing=is_checkpointed
            )
            changes = []
            if tokens != settings.batch_tokens:
                changes.append(f"batch_tokens={tokens}")
            if is_checkpointed and not settings.activation_checkpointing:
                changes.append("activation_checkpointing=True")
            yield smaller, " with ".join(filter(None, [named, " and ".join(changes)]))


def _savings(settings: TrainSettings, *, has_changed: bool) -> Iterator[tuple[int, bool]]:
    """Batch sizes and whether activations are computed twice: a smaller batch costs less time than that."""
    given = settings.batch_tokens
    sizes = [given, *(given // share for share in (2, 4) if given // share >= SMALLEST_BATCH)]
    for is_checkpointed in sorted({settings.activation_checkpointing, True}):
        for tokens in sizes:
            if has_changed or (tokens, is_checkpointed) != (given, settings.activation_checkpointing):
                yield tokens, is_checkpointed
