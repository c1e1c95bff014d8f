"""Peak memory of training a student and of serving it, part by part."""

import os
import platform

from msgspec import Struct

from tunesmith.optim.finetune.base_models import ModelDescription
from tunesmith.optim.finetune.forecast.hardware import CPU_PROCESS_BYTES, GPU_CONTEXT_BYTES
from tunesmith.optim.finetune.forecast.workload import Workload
from tunesmith.protocol.student import Method

STATE_BYTES = {"adamw": 8.0, "adamw-fused": 8.0, "adamw-8bit": 2.1, "adafactor": 0.1}
"""Of the optimizer a trained parameter. Adafactor keeps sums of rows and columns only."""
GPU_HEAP_SHARE = 0.05
"""Share of a step's activations that the allocator holds beside them."""
HEAP_SHARE = 0.03
"""The same on a CPU where large blocks are mapped one by one. Seen: 0.01–0.05."""
FRAGMENTED_HEAP_SHARE: dict[Method, float] = {"full": 0.85, "lora": 1.35, "prompt": 1.35}
"""And where glibc's malloc keeps them in its heap, as it does once it saw some: measured on SmolLM2-135M with 6 and 30
layers, 0.80–0.85 and 1.34–1.44. Gradients and states that stay fill holes, which there are few of beside adapters."""
TRIAL_HEAP_SHARE = 0.1
"""In a heap that is still fresh."""
LOADING_TIMES = 1.5
"""Most memory while a model is loaded, over its weights in fp32 (measured on GGUF)."""
SERVED_ROWS, SERVED_TOKENS = 8, 1024
"""Calls answered at once, and tokens of each, prompt and answer."""


class MemoryPart(Struct, frozen=True, kw_only=True):
    """What one kind of tensor, or the process itself, takes."""

    name: str
    bytes: int
    is_exact: bool
    """Counted, not assumed."""


class MemoryForecast(Struct, frozen=True, kw_only=True):
    """Peak of one process: of the device, or resident on a CPU."""

    parts: list[MemoryPart]

    @property
    def total_bytes(self) -> int:
        """Of all parts."""
        return sum(part.bytes for part in self.parts)

    def bytes_of(self, name: str) -> int:
        """Of the part called so; 0 where there is none."""
        return sum(part.bytes for part in self.parts if part.name == name)


def training_memory(workload: Workload, device: str) -> MemoryForecast:
    """On `cpu` or `cuda`: the most of a step's moments, and of what comes before the first."""
    weights, activations = workload.weights, workload.activations
    states = round(weights.trainable * STATE_BYTES[workload.settings.optimizer])
    if workload.most_batches > 1:
        # Gradients of the batches before are held while the next one is computed.
        step = max(activations.peak, _update_bytes(workload, device))
    else:
        # Activations go as gradients come.
        gone = weights.trainable_bytes
        step = max(activations.head - gone, activations.top - gone, activations.rest, _update_bytes(workload, device))
    step = max(step, 0)
    parts = [
        _process(device),
        MemoryPart(name="weights", bytes=weights.frozen_bytes + weights.trainable_bytes, is_exact=True),
        MemoryPart(name="gradients", bytes=weights.trainable_bytes, is_exact=True),
        MemoryPart(name="optimizer", bytes=states, is_exact=workload.settings.optimizer.startswith("adamw")),
        MemoryPart(name="activations", bytes=step, is_exact=True),
        MemoryPart(name="allocator", bytes=round(step * _heap_share(workload.settings.method, device)), is_exact=False),
    ]
    before = _before_training(workload, device)
    more = before - sum(part.bytes for part in parts[1:])
    return MemoryForecast(
        parts=[*parts, MemoryPart(name="before training", bytes=more, is_exact=False)] if more > 0 else parts
    )


def serving_memory(
    description: ModelDescription, device: str, *, rows: int = SERVED_ROWS, tokens: int = SERVED_TOKENS
) -> MemoryForecast:
    """Answering `rows` calls at once of `tokens` each in torch: bf16 on a GPU, else fp32."""
    width = 2 if device == "cuda" else 4
    cached = rows * tokens * 2 * description.kv_heads * description.head_width * description.layers
    if description.architecture == "seq2seq":
        cached *= 2  # keys and values of the encoder's output too
    computed = rows * tokens * (4 * description.hidden + 3 * description.feed_forward)
    return MemoryForecast(
        parts=[
            _process(device),
            MemoryPart(name="weights", bytes=width * description.parameters, is_exact=True),
            MemoryPart(name="keys and values", bytes=width * cached, is_exact=True),
            MemoryPart(name="activations", bytes=width * computed, is_exact=False),
            MemoryPart(name="logits", bytes=4 * rows * description.vocabulary, is_exact=True),
        ]
    )


def _process(device: str) -> MemoryPart:
    size = GPU_CONTEXT_BYTES if device == "cuda" else CPU_PROCESS_BYTES
    return MemoryPart(name="process", bytes=size, is_exact=False)


def _before_training(workload: Workload, device: str) -> int:
    """The most of loading the model and trying to pack: no gradients and no states yet."""
    loading = round(LOADING_TIMES * 4 * workload.description.parameters) if device == "cpu" else 0
    weights = workload.weights.frozen_bytes + workload.weights.trainable_bytes
    return max(loading, weights + round(workload.trial_bytes * (1 + TRIAL_HEAP_SHARE)))


def _heap_share(method: Method, device: str) -> float:
    """Of a training process started from here: it inherits the environment."""
    if device == "cuda":
        return GPU_HEAP_SHARE
    is_fragmented = platform.libc_ver()[0] == "glibc" and "MALLOC_MMAP_THRESHOLD_" not in os.environ
    return FRAGMENTED_HEAP_SHARE[method] if is_fragmented else HEAP_SHARE


def _update_bytes(workload: Workload, device: str) -> int:
    """Beside weights, gradients and states while the optimizer steps: all tensors at once on a GPU, else one by one."""
    if workload.settings.optimizer != "adamw":
        return 0
    weights = workload.weights
    return weights.trainable_bytes if device == "cuda" else 2 * weights.largest_trainable_bytes
