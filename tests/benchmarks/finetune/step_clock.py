"""Time and memory of training steps, the same for every contestant."""

import time

import torch
from msgspec import Struct

from benchmarks.finetune.workload import Workload
from tunesmith.optim.finetune.training.device import peak_bytes


class Speed(Struct, frozen=True, kw_only=True):
    """Of one contestant in one process."""

    examples_per_second: float
    tokens_per_second: float
    """Of the examples, each in full, however few were computed for it."""
    computed_tokens: float
    """An example, padding included."""
    peak_bytes: int
    """Of the device's memory; on a CPU, of what was resident, libraries included."""
    seconds_a_step: float
    processor_seconds_a_step: float
    """Of this process, over all its threads: the same on a busy machine."""
    loss_before: float
    """A target token's, before training, on the first examples: the same for all."""
    layout: str


class StepClock:
    """To be told of every optimizer step at the same place in it."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._device = torch.device(workload.device)
        self._times: list[float] = []
        self._processor_times: list[float] = []
        self.peak_bytes = 0

    def tick(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize()
        self._times.append(time.perf_counter())
        self._processor_times.append(time.process_time())
        self.peak_bytes = peak_bytes(self._device)

    @property
    def is_done(self) -> bool:
        return len(self._times) >= self._workload.all_steps

    def speed(self, *, tokens: float, computed_tokens: float, loss_before: float, layout: str) -> Speed:
        """`tokens` and `computed_tokens` are an example's."""
        seconds = self._mean(self._times)
        rate = self._workload.batch_examples / seconds
        return Speed(
            examples_per_second=rate,
            tokens_per_second=rate * tokens,
            computed_tokens=computed_tokens,
            peak_bytes=self.peak_bytes,
            seconds_a_step=seconds,
            processor_seconds_a_step=self._mean(self._processor_times),
            loss_before=loss_before,
            layout=layout,
        )

    def _mean(self, times: list[float]) -> float:
        timed = times[self._workload.warmup_steps : self._workload.all_steps]
        return (timed[-1] - timed[0]) / (len(timed) - 1)
