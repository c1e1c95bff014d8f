"""What students are trained on: named machines, and this one."""

import functools
import os
import platform
import time
from collections.abc import Callable

from msgspec import Struct

GPU_CONTEXT_BYTES = 500_000_000
"""Of a process on a CUDA device before its first tensor: context, kernels, cuBLAS workspace. Seen: 0.3–0.6 GB."""
CPU_PROCESS_BYTES = 390 << 20
"""Resident once torch, transformers, peft and a tokenizer are loaded (measured, torch 2.13 for CPUs)."""
CALIBRATION_SECONDS = 0.2
PRICED = "hourly price of a rented card: an assumption"


class Hardware(Struct, frozen=True, kw_only=True):
    """A machine, or its accelerator, as far as training and serving depend on it."""

    name: str
    device: str
    """`cuda` or `cpu`."""
    memory_bytes: int
    flops: float
    """Dense products a second in what training computes in there (`is_bf16`), times two."""
    bytes_per_second: float
    """To and from memory."""
    is_bf16: bool
    usd_per_hour: float | None
    """None: nobody is paid by the hour."""
    basis: str
    """Where the numbers come from, one line."""


def _card(
    name: str, gibibytes: int, teraflops: float, gigabytes_per_second: float, usd_per_hour: float, source: str
) -> Hardware:
    return Hardware(
        name=name,
        device="cuda",
        memory_bytes=gibibytes << 30,
        flops=teraflops * 1e12,
        bytes_per_second=gigabytes_per_second * 1e9,
        is_bf16=True,
        usd_per_hour=usd_per_hour,
        basis=f"{teraflops:g} dense bf16 TFLOP/s and {gigabytes_per_second:g} GB/s ({source}); {PRICED}",
    )


HARDWARE: dict[str, Hardware] = {
    card.name: card
    for card in (
        # GeForce cards sum products in fp32 at half the rate of the number on the box.
        _card("RTX 3060", 12, 25.5, 360, 0.10, "NVIDIA Ampere GA10x architecture, fp32 sums"),
        _card("RTX 3090", 24, 71.0, 936, 0.25, "NVIDIA Ampere GA102 architecture, fp32 sums"),
        _card("A100 40GB", 40, 312.0, 1555, 1.30, "NVIDIA A100 datasheet"),
        _card("A100 80GB", 80, 312.0, 2039, 1.80, "NVIDIA A100 datasheet"),
        _card("H100 80GB", 80, 989.0, 3350, 3.00, "NVIDIA H100 SXM datasheet"),
        Hardware(
            name="8-core CPU",
            device="cpu",
            memory_bytes=32 << 30,
            flops=4e11,
            bytes_per_second=4e10,
            is_bf16=False,
            usd_per_hour=0.20,
            basis=f"50 fp32 GFLOP/s a core with AVX2 and two channels of DDR5, assumed; {PRICED}",
        ),
    )
}


@functools.lru_cache(maxsize=2)
def this_machine(*, is_bf16: bool) -> Hardware:
    """The device training would use here, timed for about half a second."""
    import torch

    from tunesmith.optim.finetune.forecast.free_memory import total_memory

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if is_bf16 else torch.float32
    flops, moved = _matmul_rate(device, dtype), _copy_rate(device)
    if device == "cuda":
        name = torch.cuda.get_device_name(0)
    else:
        name = f"this CPU ({torch.get_num_threads()} of {os.cpu_count()} threads, {platform.machine()})"
    return Hardware(
        name=name,
        device=device,
        memory_bytes=total_memory(device),
        flops=flops,
        bytes_per_second=moved,
        is_bf16=is_bf16,
        usd_per_hour=None,
        basis=f"measured: {flops / 1e9:,.0f} GFLOP/s in {'bf16' if is_bf16 else 'fp32'} and {moved / 1e9:,.0f} GB/s",
    )


def _matmul_rate(device: str, dtype: object) -> float:
    """Of a product as layers have them: 512 tokens, 1,024 wide; wider on a GPU."""
    import torch

    rows, width = (512, 1024) if device == "cpu" else (4096, 4096)
    left = torch.ones(rows, width, dtype=dtype, device=device)
    right = torch.ones(width, width, dtype=dtype, device=device)
    return 2.0 * rows * width * width * _times_per_second(device, lambda: left @ right)


def _copy_rate(device: str) -> float:
    import torch

    source = torch.ones(1 << 24, device=device)
    target = torch.empty_like(source)
    return 8.0 * int(source.numel()) * _times_per_second(device, lambda: target.copy_(source))


def _times_per_second(device: str, work: Callable[[], object]) -> float:
    import torch

    def wait() -> None:
        if device == "cuda":
            torch.cuda.synchronize()

    work()
    wait()
    best, ends = float("inf"), time.monotonic() + CALIBRATION_SECONDS
    while time.monotonic() < ends:
        began = time.perf_counter()
        work()
        wait()
        # The best time: what else runs here now need not run later.
        best = min(best, time.perf_counter() - began)
    return 1 / best
