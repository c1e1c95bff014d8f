"""From an order to an outcome: one run, whatever the user's code does on the way."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import dspy
from msgspec import structs

from tunesmith.optim.artifact import write_artifact
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.target_loading import Resolved, choose_language_models, resolve_target
from tunesmith.optim.worker.cancellation import Cancellation
from tunesmith.optim.worker.credentials import KeyMissing, refused_key, require_keys
from tunesmith.optim.worker.estimating import estimate_run
from tunesmith.optim.worker.guard import describe_failure
from tunesmith.optim.worker.ordering import make_order, worker_side
from tunesmith.optim.worker.printing import PrintCapture
from tunesmith.optim.worker.started_with import check_unchanged
from tunesmith.protocol import (
    ArtifactReport,
    EventRecord,
    FinetuneReport,
    Gain,
    RunReport,
    RunSpec,
    RunStatus,
    Score,
    StatusChanged,
    StoreError,
    UserError,
    Warned,
)
from tunesmith.protocol.folder_layout import PROGRAM_FILE
from tunesmith.protocol.store import RunStore
from tunesmith.protocol.worker_messages import RunOutcome


def execute(
    spec: RunSpec, *, listen: Callable[[EventRecord], None], cancellation: Cancellation, prints: PrintCapture
) -> RunOutcome:
    """Execute a run from the start, or from what its folder already holds. Raises nothing."""
    try:
        store = RunStore.open(Path(spec.run_dir))
    except StoreError as error:
        return RunOutcome(status="failed", error=UserError(message=str(error)))
    with store:
        run = Run(store, budget=spec.budget, threads=spec.threads, seed=spec.seed, listen=listen)
        try:
            outcome = _Execution(spec, run, cancellation, prints).outcome()
        except StoreError as error:
            outcome = RunOutcome(status="failed", error=UserError(message=str(error)))
    return outcome


class _Execution:
    def __init__(self, spec: RunSpec, run: Run, cancellation: Cancellation, prints: PrintCapture) -> None:
        self.spec = spec
        self.run = run
        self.cancellation = cancellation
        self.prints = prints
        self.started = time.monotonic()
        self.seconds_before = run.store.active_seconds()
        """What earlier executions of the run took."""

    def outcome(self) -> RunOutcome:
        """Raises `StoreError` where the store cannot be written any more."""
        self._begin()
        try:
            outcome = self._work()
        except KeyMissing as missing:
            outcome = RunOutcome(status="needs credentials", error=missing.error)
        except StoreError:
            self.prints.stop_telling()
            raise
        except BaseException as error:  # noqa: BLE001 - the border to user code, which raises what it likes
            outcome = self._failure(error)
        self.prints.stop_telling()
        self._end(outcome)
        return outcome

    def _begin(self) -> None:
        store = self.run.store
        if self.spec.reuse_from is not None:
            store.adopt(Path(self.spec.reuse_from))
        store.commit_spec(self.spec)
        self._set_status("running")
        if store.kept_aside is not None:
            self._warn(
                f"The run's store could not be read. It is kept as {store.kept_aside}; the run starts from nothing."
            )
        self.prints.tell(self.run.emit)
        self.cancellation.stop_with(self.run.cancel)

    def _work(self) -> RunOutcome:
        root = Path(self.spec.root)
        os.chdir(root)
        with self.cancellation.interrupting():
            resolved = resolve_target(
                self.spec.target, root, confirmed_capture=self.spec.confirmed_capture, warn=self._warn
            )
        check_unchanged(self.run.store, self.spec, resolved)
        models = choose_language_models(self.spec, resolved)
        side = worker_side(self.spec.optimizer)
        if self.spec.estimate_only:
            estimate = estimate_run(make_order(self.spec, resolved, models), side)
            return self._finished(structs.replace(self._report(None), estimate=estimate))
        require_keys(models.used)
        with dspy.context(**models.settings):
            tuned, outcome = side.tune(self.run, make_order(self.spec, resolved, models))
        return self._finished(self._ship(resolved, tuned, outcome))

    def _ship(self, resolved: Resolved, tuned: dspy.Module, outcome: TuneOutcome) -> RunReport:
        run_dir = Path(self.spec.run_dir)
        report = self._report(
            outcome.baseline,
            tuned=outcome.tuned,
            gain=outcome.gain,
            artifact=str(run_dir / PROGRAM_FILE) if outcome.shipped else None,
            searched=outcome.searched,
            finetune=outcome.finetune,
        )

        def describe(literal_demos: bool, warnings: list[str]) -> ArtifactReport:
            return ArtifactReport(
                report=report,
                target=self.spec.target,
                fingerprint=self.spec.fingerprint,
                source_digests=self.spec.source_digests,
                predictors=[name for name, _ in resolved.program.named_predictors()],
                demos=outcome.demos,
                instructions=outcome.instructions,
                students=outcome.finetune.students if outcome.finetune is not None else [],
                literal_demos=literal_demos,
                warnings=[*outcome.warnings, *warnings],
                created=time.time(),
            )

        if outcome.shipped:
            write_artifact(run_dir, tuned, describe)
        return report

    def _report(
        self,
        baseline: Score | None,
        *,
        tuned: Score | None = None,
        gain: Gain | None = None,
        artifact: str | None = None,
        searched: bool = False,
        finetune: FinetuneReport | None = None,
    ) -> RunReport:
        totals = self.run.totals()
        return RunReport(
            run_id=self.spec.run_id,
            status=self._ending(),
            optimizer=self.spec.optimizer,
            target=self.spec.target.name,
            baseline=baseline,
            tuned=tuned,
            gain=gain,
            calls=totals.calls,
            tokens=totals.tokens,
            usd=totals.usd,
            seconds=self.seconds_before + time.monotonic() - self.started,
            artifact=artifact,
            searched=searched,
            finetune=finetune,
        )

    def _ending(self) -> RunStatus:
        """A run that met its budget is finished; one that lost its daemon can be resumed."""
        if not self.cancellation.requested:
            return "finished"
        return "interrupted" if self.cancellation.daemon_lost else "cancelled"

    def _finished(self, report: RunReport) -> RunOutcome:
        if report.status == "finished" and self.run.stopped:
            self._warn(f"The run stopped early ({self.run.stopped}); the result is the best so far.")
        return RunOutcome(status=report.status, report=report)

    def _failure(self, error: BaseException) -> RunOutcome:
        if self.cancellation.requested and isinstance(error, KeyboardInterrupt):
            return RunOutcome(status=self._ending())
        root = Path(self.spec.root)
        if (refused := refused_key(error)) is not None:
            return RunOutcome(status="needs credentials", error=describe_failure(refused, root))
        return RunOutcome(status="failed", error=describe_failure(error, root))

    def _end(self, outcome: RunOutcome) -> None:
        if outcome.report is not None:
            self.run.store.commit_report(outcome.report)
        if outcome.error is not None:
            self.run.store.commit_error(outcome.error)
        reason = outcome.error.message if outcome.error is not None else self.run.stopped
        self._set_status(outcome.status, reason)

    def _set_status(self, status: RunStatus, reason: str | None = None) -> None:
        self.run.emit(StatusChanged(status=status, reason=reason))

    def _warn(self, message: str) -> None:
        self.run.emit(Warned(message=message))
