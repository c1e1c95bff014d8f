"""Steps as events, about one a second."""

import time
from collections.abc import Callable

from tunesmith.optim.finetune.batching import Planned
from tunesmith.optim.finetune.training.messages import Stepped

REPORTED_EVERY_SECONDS = 1.0


class StepReporter:
    """Sums steps up between two events. `made` is how many steps an earlier start had made."""

    def __init__(self, report: Callable[[Stepped], None], made: int, steps: int) -> None:
        self._report = report
        self._made = made
        self._steps = steps
        self._begun = self._reported_at = time.monotonic()
        self._clear()

    def _clear(self) -> None:
        self._loss, self._targets, self._tokens, self._examples, self._seconds = 0.0, 0, 0, 0, 0.0

    def stepped(
        self, step: int, loss_sum: float, targets: int, planned: list[Planned], seconds: float, peak: int
    ) -> None:
        """A step was made: its losses in nats, summed over its target tokens, the batches it computed, the seconds it
        took, and the most memory in bytes that was held so far."""
        self._loss += loss_sum
        self._targets += targets
        self._tokens += sum(part.tokens for part in planned)
        self._examples += sum(len(part.examples) for part in planned if not part.is_filler)
        self._seconds += seconds
        now = time.monotonic()
        if now - self._reported_at < REPORTED_EVERY_SECONDS and step < self._steps:
            return
        self._report(
            Stepped(
                step=step,
                steps=self._steps,
                loss=self._loss / self._targets,
                tokens_per_second=self._tokens / max(self._seconds, 1e-9),
                examples_per_second=self._examples / max(self._seconds, 1e-9),
                peak_bytes=peak,
                eta_seconds=(now - self._begun) / (step - self._made) * (self._steps - step),
            )
        )
        self._reported_at = now
        self._clear()
