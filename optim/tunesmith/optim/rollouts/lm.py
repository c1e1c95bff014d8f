"""The one LM wrapper: ledger, budget, retries and replay in front of every LM a program calls.

The wrapper of an LM is a shallow copy of it whose class is a subclass of its own class, so that adapters,
`isinstance` checks and `supports_*` see what they saw before. Per call: what the store holds is returned without
being paid again; otherwise budget and stop signal are checked, the call is made (and retried where that can help),
committed, and only then answered.
"""

import asyncio
import copy
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from tunesmith.optim.dspy_types import LanguageModel
from tunesmith.optim.rollouts.call_meter import CallMeter
from tunesmith.optim.rollouts.lm_outputs import outputs_from_plain, outputs_to_plain
from tunesmith.optim.rollouts.plain_values import digest
from tunesmith.optim.rollouts.requests import canonical_request, is_local, lm_fingerprint
from tunesmith.optim.rollouts.retry import is_transient, retry_delay
from tunesmith.optim.rollouts.rollout_context import current_rollout
from tunesmith.optim.rollouts.watch import active_turn
from tunesmith.protocol import LmCall
from tunesmith.protocol.store import RunStore


class Account(Protocol):
    """Whom calls are charged to: a `Run`."""

    store: RunStore

    def admit(self) -> None:
        """Take a place for one call. Raises `RunStopped` where there is none."""
        ...

    def settle(self, *, paid: bool, usd: float | None, model: str) -> None:
        """Give the place back."""
        ...

    def wait(self, seconds: float) -> None:
        """Sleep before a retry. Raises `RunStopped` as soon as the run is cancelled."""
        ...


def wrap_lm(account: Account, lm: LanguageModel) -> LanguageModel:
    """A copy of `lm` that calls through the account. Shares its history, clients and scripted answers with `lm`."""
    wrapped: Any = copy.copy(lm)
    wrapped.__class__ = _ledgered_class(type(lm))
    wrapped._tunesmith = _Ledger(account, lm)
    # The wrapper retries in dspy's place, so that a cancelled run need not wait and attempts do not multiply.
    wrapped.num_retries = 0
    made: LanguageModel = wrapped
    return made


def is_wrapped(lm: LanguageModel) -> bool:
    """It was made by `wrap_lm`, so that its calls are charged already."""
    return isinstance(lm, _LedgeredCalls)


def sampling_afresh(wrapped: Any, number: int) -> LanguageModel:
    """A wrapped LM that passes by dspy's cache, as dspy's own retries do: `rollout_id` and temperature 1.

    Number 0 is the LM itself. Made once a number.
    """
    if number == 0:
        same: LanguageModel = wrapped
        return same
    ledger: _Ledger = wrapped._tunesmith
    with ledger.lock:
        if number not in ledger.afresh:
            fresh = wrapped.copy(rollout_id=number, temperature=1.0)
            fresh._tunesmith = _Ledger(ledger.account, fresh, retries=ledger.retries)
            ledger.afresh[number] = fresh
        return ledger.afresh[number]


class _Ledger:
    """What a wrapped LM knows beside its own class."""

    def __init__(self, account: Account, lm: LanguageModel, retries: int | None = None) -> None:
        self.account = account
        self.fingerprint = lm_fingerprint(lm)
        self.local = is_local(lm)
        self.retries: int = getattr(lm, "num_retries", 3) if retries is None else retries
        self.lock = threading.Lock()
        self.afresh: dict[int, LanguageModel] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Ledger":
        return self


class _LedgeredCalls:
    """Mixed in before the LM's own class."""

    _tunesmith: _Ledger

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call = _Call(self, args, kwargs)
        if (stored := call.stored()) is not None:
            return outputs_from_plain(stored.outputs)
        attempt = 0
        with call.admitted():
            while True:
                try:
                    with call.metered():
                        outputs = super().__call__(*args, **kwargs)  # type: ignore[misc]
                    break
                except Exception as error:  # noqa: BLE001 (raised again unless transient)
                    call.wait_or_give_up(error, attempt)
                attempt += 1
            call.commit(outputs)
        return outputs

    async def acall(self, *args: Any, **kwargs: Any) -> Any:
        call = _Call(self, args, kwargs)
        if (stored := call.stored()) is not None:
            return outputs_from_plain(stored.outputs)
        attempt = 0
        with call.admitted():
            while True:
                try:
                    with call.metered():
                        outputs = await super().acall(*args, **kwargs)  # type: ignore[misc]
                    break
                except Exception as error:  # noqa: BLE001 (raised again unless transient)
                    await asyncio.to_thread(call.wait_or_give_up, error, attempt)
                attempt += 1
            # In a thread: a commit waits for the disk, and the loop has other calls to serve.
            await asyncio.to_thread(call.commit, outputs)
        return outputs

    def update_history(self, entry: Any) -> None:
        from dspy import settings

        meter = settings.usage_tracker
        if isinstance(meter, CallMeter):
            meter.entry = entry
            if meter.history_disabled:
                return
        super().update_history(entry)  # type: ignore[misc]


class _Call:
    """One call under way."""

    def __init__(self, lm: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._ledger: _Ledger = lm._tunesmith
        self._account: Account = self._ledger.account
        self._model = str(getattr(lm, "model", type(lm).__name__))
        self._rollout = current_rollout()
        self._request = canonical_request(lm, args, kwargs)
        self._meter: CallMeter | None = None
        self._cost_paid = False
        self._usd: float | None = None
        self._started = time.monotonic()
        request_digest = digest(self._ledger.fingerprint, self._request)
        occurrence = self._rollout.occurrence(request_digest) if self._rollout else 0
        self.key = digest(self._rollout.calls_key if self._rollout else "", request_digest, occurrence)
        if (turn := active_turn.get()) is not None:
            turn.calls.append(self.key)
        elif self._rollout is not None:
            self._rollout.calls_outside.append(self.key)

    def stored(self) -> LmCall | None:
        return self._account.store.call(self.key, rollout=self._rollout.key if self._rollout else None)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Holds a place in the budget. Raises `RunStopped` where there is none."""
        try:
            self._account.admit()
        except BaseException:
            if self._rollout is not None:
                self._rollout.stopped = True
            raise
        try:
            yield
        finally:
            self._account.settle(paid=self._cost_paid, usd=self._usd, model=self._model)

    @contextmanager
    def metered(self) -> Iterator[None]:
        """dspy's usage and history of this call are read, whatever the user's settings."""
        from dspy import settings

        self._meter = CallMeter(settings.usage_tracker, history_disabled=bool(settings.disable_history))
        self._started = time.monotonic()
        with settings.context(usage_tracker=self._meter, disable_history=False):
            yield

    def wait_or_give_up(self, error: Exception, attempt: int) -> None:
        """Returns when the call may be tried again; raises `error` where it may not, `RunStopped` on a cancel."""
        delay = retry_delay(error, attempt, self._ledger.retries)
        if delay is None:
            if self._rollout is not None and is_transient(error):
                self._rollout.outage = error
            raise error
        try:
            self._account.wait(delay)
        except BaseException:
            if self._rollout is not None:
                self._rollout.stopped = True
            raise

    def commit(self, outputs: Any) -> None:
        assert self._meter is not None
        cost = self._meter.read(local=self._ledger.local)
        self._cost_paid, self._usd = not cost.cache_hit, cost.usd
        self._account.store.commit_call(
            LmCall(
                key=self.key,
                rollout=self._rollout.key if self._rollout else None,
                model=self._model,
                request=self._request,
                outputs=outputs_to_plain(outputs),
                prompt_tokens=cost.prompt_tokens,
                completion_tokens=cost.completion_tokens,
                usd=cost.usd,
                seconds=time.monotonic() - self._started,
                cache_hit=cost.cache_hit,
            )
        )


_CLASSES: dict[type, type] = {}
"""One subclass a class, so that equal LMs have equal types."""


def _ledgered_class(base: type) -> type:
    if base not in _CLASSES:
        # Named like its base: dspy writes the class's path into saved programs.
        body = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}
        _CLASSES[base] = type(base.__name__, (_LedgeredCalls, base), body)
    return _CLASSES[base]
