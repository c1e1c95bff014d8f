"""One execution of an optimization: its store, its budget, its stop signal, its LM wrappers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.optim.dspy_types import LanguageModel
from tunesmith.optim.errors import RunStopped
from tunesmith.optim.rollouts.budget_gate import BudgetGate
from tunesmith.protocol import Budget, EventRecord, RunEvent, Totals, Warned
from tunesmith.protocol.store import RunStore

UNCAPPED = Budget()


class Run:
    """One execution: everything its rollouts share. Thread safe.

    The store stays the caller's: a `Run` neither opens nor closes it. Reopening a store with a new `Run` continues
    where the last one stopped, because rollouts and LM calls are looked up before they are made.
    """

    store: RunStore
    """Holds what was paid for: rollouts, calls, candidates, events."""
    threads: int | None
    """None: as many as `dspy.settings.num_threads`."""
    seed: int
    """Of random draws."""

    def __init__(
        self,
        store: RunStore,
        *,
        budget: Budget = UNCAPPED,
        threads: int | None = None,
        seed: int = 0,
        listen: Callable[[EventRecord], None] | None = None,
    ) -> None:
        """`budget`: caps on all executions of the run together, but `max_seconds`. `listen` hears of every event,
        after it was committed."""
        self.store = store
        self.threads = threads
        self.seed = seed
        self.gate = BudgetGate(budget, store.totals())
        self._priced = budget.max_usd is not None
        self._listen = listen
        self._stop = threading.Event()
        self._stop_reason: str | None = None
        self._lock = threading.Lock()
        self._emitting = threading.Lock()
        self._wrapped: dict[int, tuple[LanguageModel, LanguageModel]] = {}
        self._warned: set[str] = set()

    @property
    def stopped(self) -> str | None:
        """Why no further call is made, or None while the run goes on."""
        return self._stop_reason

    def cancel(self, reason: str) -> None:
        """Stop softly: calls in flight are finished and kept, no further one is made. The first reason stays."""
        with self._lock:
            if self._stop_reason is None:
                self._stop_reason = reason or "cancelled"
        self._stop.set()

    def emit(self, event: RunEvent) -> None:
        """Commit an event, then pass it to whoever listens, in the order of their numbers."""
        with self._emitting:
            record = self.store.append_event(event)
            if self._listen is not None:
                self._listen(record)

    def warn_once(self, message: str) -> None:
        """Emit a `Warned`, the same message once a run."""
        with self._lock:
            if message in self._warned:
                return
            self._warned.add(message)
        self.emit(Warned(message=message))

    @property
    def warnings(self) -> list[str]:
        """Every message given to `warn_once`, sorted."""
        with self._lock:
            return sorted(self._warned)

    def totals(self) -> Totals:
        """The ledger over every execution of this run."""
        return self.store.totals()

    # For the LM wrapper

    def admit(self) -> None:
        """Take a place for one LM call. Raises `RunStopped` where the run was cancelled or its budget is met."""
        if self._stop_reason is None and (cap := self.gate.enter()) is not None:
            self.cancel(cap)
        if self._stop_reason is not None:
            raise RunStopped(self._stop_reason)

    def settle(self, *, paid: bool, usd: float | None, model: str) -> None:
        """Give the place back. See `BudgetGate.leave`."""
        self.gate.leave(paid=paid, usd=usd)
        if paid and usd is None and self._priced:
            self.warn_once(f"The price of {model} is unknown, so its calls do not count towards the cap in USD.")

    def wait(self, seconds: float) -> None:
        """Sleep before a retry. Raises `RunStopped` as soon as the run is cancelled."""
        if self._stop.wait(seconds):
            raise RunStopped(self._stop_reason or "cancelled")

    def wrap(self, lm: LanguageModel | None) -> LanguageModel | None:
        """The LM every rollout of this run calls in place of `lm`: made once, then the same object."""
        from tunesmith.optim.rollouts.lm import is_wrapped, wrap_lm

        if lm is None or is_wrapped(lm):
            return lm
        with self._lock:
            # The original is kept beside its wrapper, so that its id is not given to another object meanwhile.
            if id(lm) not in self._wrapped:
                self._wrapped[id(lm)] = (lm, wrap_lm(self, lm))
            return self._wrapped[id(lm)][1]


@contextmanager
def open_run(run: Run | None, run_dir: str | Path | None, *, threads: int | None, seed: int) -> Iterator[Run]:
    """The run an optimizer works in: `run` where it is given; else a new one over `run_dir`, which resumes what that
    folder holds; else one in memory.

    Raises `RunOwned` while another process holds the folder, `StoreUnwritable` where it cannot be written.
    """
    if run is not None:
        yield run
        return
    with RunStore.open(Path(run_dir)) if run_dir is not None else RunStore.memory() as store:
        made = Run(store, threads=threads, seed=seed)
        if store.kept_aside is not None:
            made.warn_once(f"{store.path} could not be read; it was kept as {store.kept_aside} and begun anew.")
        yield made
