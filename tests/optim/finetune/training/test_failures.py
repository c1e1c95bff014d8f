import pytest

torch = pytest.importorskip("torch")

from tunesmith.optim.finetune.errors import DeviceLost, LossNotFinite  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402
from tunesmith.optim.finetune.training.failures import as_finetune_error  # noqa: E402

pytestmark = pytest.mark.finetune


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:119] DefaultCPUAllocator: can't allocate memory"),
    ],
    ids=["device", "python", "cpu"],
)
def test_memory_that_ran_out_says_what_needs_less(error: BaseException) -> None:
    settings = TrainSettings(tasks=["a"], method="full", batch_tokens=512)
    known = as_finetune_error(error, "cuda", settings)
    assert str(known) == (
        "Memory ran out on cuda while training (full, 512 tokens at once). "
        "Train with batch_tokens below 512, activation_checkpointing or LoRA. Checkpoints so far are intact."
    )
    sparing = TrainSettings(tasks=["a"], method="lora", activation_checkpointing=True)
    assert "Train with batch_tokens below 2048. " in str(as_finetune_error(error, "cuda", sparing))


@pytest.mark.parametrize("kind", [RuntimeError, torch.AcceleratorError])
def test_a_device_that_is_gone(kind: type[RuntimeError]) -> None:
    error = kind("CUDA error: unspecified launch failure\nCUDA kernel…")
    known = as_finetune_error(error, "cuda", TrainSettings(tasks=["a"]))
    assert isinstance(known, DeviceLost)
    assert "The device cuda failed: CUDA error: unspecified launch failure. Resume" in str(known)


def test_mistakes_stay_what_they_are() -> None:
    settings = TrainSettings(tasks=["a"])
    assert as_finetune_error(RuntimeError("shapes differ"), "cpu", settings) is None
    error = LossNotFinite(3, 0.1)
    assert as_finetune_error(error, "cpu", settings) is error
