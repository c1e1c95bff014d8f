"""The training loop: steps, scorings, checkpoints."""

import contextlib
import math
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy
import torch
from accelerate import Accelerator
from msgspec import Struct

from tunesmith.optim.finetune.batching import BatchLayout, Encoded, Planned, shares
from tunesmith.optim.finetune.errors import LossNotFinite
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training.checkpoint import (
    Best,
    Progress,
    latest_checkpoint,
    load_optimizer,
    load_weights,
    save_checkpoint,
)
from tunesmith.optim.finetune.training.device import peak_bytes
from tunesmith.optim.finetune.training.messages import DevScored, Ended, Stepped
from tunesmith.optim.finetune.training.optimizers import CLIPPED_NORM, rate_at, set_rate
from tunesmith.optim.finetune.training.schedule import Schedule
from tunesmith.optim.finetune.training.sharded import (
    optimizer_state,
    restore_optimizer,
    restore_weights,
    trained_weights,
)
from tunesmith.optim.finetune.training.step_reports import StepReporter

GLANCE_ROWS = 16
"""Development rows scored when a training is cancelled before its first scoring: enough to say something."""


class _MadeStep(NamedTuple):
    """One optimizer step, over all processes, who agree on it."""

    loss_sum: float
    """In nats, over `targets` tokens."""
    targets: int
    planned: list[Planned]
    is_cancelled: bool
    is_save_due: bool


class Loop(Struct, kw_only=True):
    """One training under way. `model` (a TargetLoss) and `optimizer` are prepared by `accelerator`.

    Every process runs it; the main one alone writes and reports.
    """

    accelerator: Accelerator
    model: Any
    optimizer: Any
    layout: BatchLayout
    schedule: Schedule
    settings: TrainSettings
    learning_rate: float
    train: Sequence[Encoded]
    dev: Sequence[Encoded]
    folder: Path
    """Of checkpoints."""
    fingerprint: str
    report: Callable[[Stepped | DevScored], None]
    should_stop: Callable[[], bool]
    progress: Progress = Progress()

    def resume(self) -> int:
        """Goes back to the newest checkpoint, where there is one. Returns the steps it had made."""
        saved = latest_checkpoint(self.folder, self.fingerprint) if self.accelerator.is_main_process else None
        self.accelerator.wait_for_everyone()
        saved = saved or latest_checkpoint(self.folder, self.fingerprint)
        if saved is not None:
            self.progress = saved.progress
            restore_weights(self.accelerator, self.model, load_weights(self.folder, self.progress.step))
            restore_optimizer(self.accelerator, self.model, self.optimizer, load_optimizer(self.folder, saved))
        return self.progress.step

    def run(self) -> Ended:
        """Trains to the end and leaves the best weights in the model.

        Raises LossNotFinite and CheckpointNotWritten; the last checkpoint is then intact.
        """
        evaluated_after = self.schedule.evaluated_after(self.settings.evaluations)
        reporter = StepReporter(self.report, self.progress.step, self.schedule.steps)
        saved_step, saved_at = self.progress.step, time.monotonic()
        is_cancelled = False
        self.model.train()
        while not (self._has_ended() or is_cancelled):
            begun = time.monotonic()
            is_due = begun - saved_at > 60 * self.settings.checkpoint_minutes
            made = self._make_step(is_due)
            is_cancelled, is_due = made.is_cancelled, made.is_save_due
            took = time.monotonic() - begun
            step = self._after_step(made.planned, took)
            if self.accelerator.is_main_process:
                peak = peak_bytes(self.accelerator.device)
                reporter.stepped(step, made.loss_sum, made.targets, made.planned, took, peak)
            if step in evaluated_after and not is_cancelled:
                is_due = self._evaluate() or is_due
            self._add_seconds(time.monotonic() - begun - took)
            if is_due:
                self._save()
                saved_step, saved_at = step, time.monotonic()
        if saved_step != self.progress.step:
            self._save()
        return self._end(is_cancelled)

    def _has_ended(self) -> bool:
        return self.progress.step >= self.schedule.steps or self.progress.without_better >= self.settings.patience

    def _make_step(self, is_due: bool) -> _MadeStep:
        """`is_due`: this process would save now."""
        accelerator, step = self.accelerator, self.progress.step
        examples = [self.train[index] for index in self.schedule.examples_of(step)]
        targets = sum(len(example.target) for example in examples)
        planned = shares(examples, self.layout, accelerator.num_processes)
        mine = planned[accelerator.process_index]
        seed_step(self.settings.seed, step, accelerator.process_index)
        rate = self.learning_rate * rate_at(step, self.schedule.steps, self.settings.warmup)
        set_rate(self.optimizer, rate)
        loss_sum = torch.zeros((), device=accelerator.device)
        for number, part in enumerate(mine, start=1):
            batch = self.layout.build(part, accelerator.device)
            with contextlib.nullcontext() if number == len(mine) else accelerator.no_sync(self.model):
                loss = self.model(batch.inputs, batch.predictors, batch.labels) * (not part.is_filler)
                # Processes' gradients are averaged; the step's loss is the mean over all their targets.
                accelerator.backward(loss * (accelerator.num_processes / targets))
            loss_sum += loss.detach()
        wishes = [float(self.should_stop()), float(is_due and accelerator.is_main_process)]
        agreed = accelerator.reduce(torch.cat([loss_sum[None], loss_sum.new_tensor(wishes)]), "sum")
        norm = accelerator.clip_grad_norm_(self.model.parameters(), CLIPPED_NORM)
        total, stop, due = agreed.tolist()
        if not (math.isfinite(total) and math.isfinite(float(norm))):
            raise LossNotFinite(step + 1, rate)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return _MadeStep(total, targets, [part for parts in planned for part in parts], stop > 0, due > 0)

    def _after_step(self, planned: list[Planned], took: float) -> int:
        before = self.progress
        self.progress = msgspec.structs.replace(
            before,
            step=before.step + 1,
            seconds=before.seconds + took,
            step_seconds=before.step_seconds + took,
            examples=before.examples + sum(len(part.examples) for part in planned if not part.is_filler),
            tokens=before.tokens + sum(part.tokens for part in planned),
        )
        return self.progress.step

    def _add_seconds(self, seconds: float) -> None:
        self.progress = msgspec.structs.replace(self.progress, seconds=self.progress.seconds + seconds)

    def _evaluate(self) -> bool:
        """Scores the development rows. Returns whether this step is the best so far."""
        scored, best = self._score(self.dev), self.progress.best
        is_best = best is None or (scored.loss, -scored.exact) < (best.loss, -best.exact)
        self.progress = msgspec.structs.replace(
            self.progress,
            best=scored if is_best else best,
            without_better=0 if is_best else self.progress.without_better + 1,
        )
        if self.accelerator.is_main_process:
            self.report(DevScored(step=scored.step, loss=scored.loss, exact=scored.exact, is_best=is_best))
        return is_best

    def _score(self, rows: Sequence[Encoded]) -> Best:
        """Mean loss of a target token, and the share of rows whose every token is the likeliest one: what greedy
        decoding would say, for as long as it is right it reads just what is read here."""
        self.model.eval()
        device = self.accelerator.device
        sums = torch.zeros(2, device=device, dtype=torch.float64 if device.type != "mps" else torch.float32)
        with torch.no_grad():
            for part in shares(rows, self.layout, self.accelerator.num_processes)[self.accelerator.process_index]:
                batch = self.layout.build(part, device)
                losses, hits = self.model(batch.inputs, batch.predictors, batch.labels, with_scores=True)
                exact = sum(bool(row.all()) for row in hits.split(list(batch.lengths)))
                if not part.is_filler:
                    sums += sums.new_tensor([float(losses.double().sum()), exact])
        self.model.train()
        loss, exact = self.accelerator.reduce(sums, "sum").tolist()
        return Best(step=self.progress.step, loss=loss / sum(len(row.target) for row in rows), exact=exact / len(rows))

    def _save(self) -> None:
        weights = trained_weights(self.accelerator, self.model)
        state = optimizer_state(self.accelerator, self.model, self.optimizer)
        if self.accelerator.is_main_process:
            save_checkpoint(self.folder, self.fingerprint, self.progress, weights, state)
        self.accelerator.wait_for_everyone()

    def _end(self, is_cancelled: bool) -> Ended:
        progress = self.progress
        best = progress.best
        if best is None:
            best = self._score(self.dev[:GLANCE_ROWS])
        elif best.step != progress.step:
            restore_weights(self.accelerator, self.model, load_weights(self.folder, best.step))
        self.model.eval()
        has_finished = progress.step >= self.schedule.steps
        return Ended(
            best_step=best.step,
            steps_made=progress.step,
            loss=best.loss,
            exact=best.exact,
            seconds=progress.seconds,
            examples_per_second=progress.examples / max(progress.step_seconds, 1e-9),
            peak_bytes=peak_bytes(self.accelerator.device),
            tokens=progress.tokens,
            stopped="cancelled" if is_cancelled else "finished" if has_finished else "no better for a while",
        )


def seed_step(seed: int, step: int, process: int) -> None:
    """All randomness of a step (dropout) follows from these, so that a checkpoint need not hold any of it."""
    number = random.Random(f"{seed}/{step}/{process}").getrandbits(32)
    random.seed(number)
    numpy.random.seed(number)
    torch.manual_seed(number)
