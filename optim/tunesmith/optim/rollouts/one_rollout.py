"""One rollout: a copy of the program runs on one example, is recorded, judged, and committed."""

import asyncio
import contextvars
import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tunesmith.optim.dspy_types import Example, Program
from tunesmith.optim.errors import RunStopped
from tunesmith.optim.rollouts.judge import Judge
from tunesmith.optim.rollouts.placed_examples import PlacedExample
from tunesmith.optim.rollouts.plain_values import digest, is_plain, to_plain
from tunesmith.optim.rollouts.retry import is_transient
from tunesmith.optim.rollouts.rollout_context import SETTING, RolloutContext
from tunesmith.optim.rollouts.run import Run
from tunesmith.optim.rollouts.steps import RolloutTrace, bypassed_model, steps_of
from tunesmith.optim.rollouts.watch import is_watched, watched_name
from tunesmith.protocol import Rollout, Step, StoreError

BYPASSED = (
    "A predictor answered without a call through the run: it was given an LM object that is neither dspy's setting, "
    "nor its own lm, nor kept as an attribute of the program. Such calls are not capped, counted or kept for a resume."
)

Trace = list[tuple[str, dict[str, Any], dict[str, Any]]]
"""A predictor's name, inputs and outputs for each of its turns, in order."""


class Task(Struct, frozen=True, kw_only=True):
    """What is the same for many rollouts."""

    candidate: str
    sample: int
    make_program: Callable[[Any], Any]
    """A fresh copy of the program for an example."""
    program: str
    """The program's fingerprint, LMs included."""
    judge: Judge
    settings: Mapping[str, Any]
    """dspy settings to run under: the wrapped `lm`, a teacher's own."""
    bootstrapping: bool
    """The metric is given the trace, and the caller needs it too."""


class RolloutResult(Struct, frozen=True, kw_only=True):
    """What came of one try at a rollout."""

    rollout: Rollout
    trace: Trace
    """Empty unless bootstrapping and accepted."""
    error: BaseException | None = None
    """To be counted as an error: the program, the metric or the LM raised. A parse failure is none."""
    stopped: bool = False
    """The run stopped before or while this rollout ran: it is missing."""

    @property
    def may_pass(self) -> bool:
        """It is missing for a reason that may be gone by itself."""
        is_missing = self.rollout.status == "failed" and not self.stopped
        return is_missing and self.error is not None and is_transient(self.error)


def run_rollout(run: Run, task: Task, placed: PlacedExample) -> RolloutResult:
    """The stored rollout where there is one, else a new one, committed before it is returned."""
    key = rollout_key(task, placed)
    stored = run.store.rollout(key)
    if stored is not None and stored.status != "failed":
        return _reuse(run, task, placed, stored)
    if run.stopped is not None:
        return _missing(task, key, placed, run.stopped)
    finished = contextvars.copy_context().run(_execute, run, task, placed, key, None)
    if not finished.stopped:
        run.store.commit_rollout(finished.rollout)
    return finished


def _calls_key(task: Task, placed: PlacedExample) -> str:
    mode = "bootstrap" if task.bootstrapping else "evaluate"
    return digest(task.program, mode, placed.fingerprint, placed.split, str(task.sample))


def rollout_key(task: Task, placed: PlacedExample) -> str:
    """What a rollout is kept under: equal where it would come out the same."""
    return digest(_calls_key(task, placed), task.judge.fingerprint)


def _reuse(run: Run, task: Task, placed: PlacedExample, stored: Rollout) -> RolloutResult:
    """A stored rollout under today's candidate name and threshold."""
    accepted = stored.status == "scored" and stored.score is not None and task.judge.accepts(stored.score)
    rollout = replace(stored, candidate=task.candidate, index=placed.index, accepted=accepted)
    if not (task.bootstrapping and accepted):
        return RolloutResult(rollout=rollout, trace=[])
    if stored.faithful:
        return RolloutResult(rollout=rollout, trace=_recorded_trace(stored.steps))
    # Values that JSON cannot carry (images, models) are had by running again; its LM calls come from the store.
    again = contextvars.copy_context().run(_execute, run, task, placed, stored.key, rollout)
    return RolloutResult(rollout=rollout, trace=again.trace, stopped=again.stopped)


def _recorded_trace(steps: list[Step]) -> Trace:
    return [(step.name, step.inputs, step.outputs) for step in steps if step.kind == "predictor" and step.error is None]


def _execute(run: Run, task: Task, placed: PlacedExample, key: str, known: Rollout | None) -> RolloutResult:
    """Run and judge; with `known`, run only, for the trace. Call in a context of its own."""
    import dspy

    started = time.monotonic()
    program = task.make_program(placed.example)
    context = RolloutContext(key, _calls_key(task, placed))
    raw_trace = RolloutTrace(context)
    settings = {**task.settings, "trace": raw_trace, SETTING: context}
    prediction: Any = None
    error: BaseException | None = None
    outcome: dict[str, Any] = {"status": "scored", "score": None, "accepted": False}
    stopped = False
    with dspy.context(**settings):
        try:
            prediction = _call_program(program, placed.example)
        except RunStopped:
            stopped = True
        except StoreError:
            raise  # the disk is full or gone: no fault of the program
        except (Exception, SystemExit) as raised:  # noqa: BLE001 (user code may raise anything)
            error = raised
        stopped = stopped or context.stopped
        context.recording = False
        trace = list(raw_trace)
        if known is None and not stopped:
            if error is None and context.outage is not None:
                error = context.outage
            if error is None:
                outcome, error, stopped = _judged(task, placed.example, prediction, trace, context)
            else:
                outcome, error = _unfinished(error)
    if stopped:
        return _missing(task, key, placed, run.stopped or "stopped")
    steps = steps_of(context, trace)
    if bypassed_model(context):
        run.warn_once(BYPASSED)
    named = _named_trace(trace)
    recorded = _recorded_trace(steps)
    # Turns in other threads are recorded by their beginning, traced by their end: the store's order is the one kept.
    faithful = len(recorded) == len(named) and all(is_plain(turn[1]) and is_plain(turn[2]) for turn in named)
    rollout = known or Rollout(
        key=key,
        candidate=task.candidate,
        example=placed.fingerprint,
        index=placed.index,
        split=placed.split,
        sample=task.sample,
        prediction=_fields(prediction),
        steps=steps,
        seconds=time.monotonic() - started,
        faithful=faithful,
        **outcome,
    )
    wanted = rollout.accepted and task.bootstrapping
    return RolloutResult(rollout=rollout, trace=(recorded if faithful else named) if wanted else [], error=error)


def _call_program(program: Any, example: Example) -> Any:
    inputs = dict(example.inputs().items())
    if is_async(program):
        return asyncio.run(program.acall(**inputs))
    return program(**inputs)


def is_async(program: Program) -> bool:
    """The program defines `aforward` only."""
    return not hasattr(type(program), "forward") and hasattr(type(program), "aforward")


def _judged(
    task: Task, example: Any, prediction: Any, trace: list[Any], context: RolloutContext
) -> tuple[dict[str, Any], BaseException | None, bool]:
    import dspy

    try:
        # The metric may use modules of its own: their turns belong to no trace of the program.
        with dspy.context(trace=[]):
            verdict = task.judge.judge(example, prediction, trace if task.bootstrapping else None)
    except RunStopped:
        return {}, None, True
    except StoreError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 (user code may raise anything)
        return _failed(error), error, context.stopped
    if context.outage is not None:
        return _failed(context.outage), context.outage, context.stopped
    fields = {"status": "scored", "score": verdict.score, "accepted": verdict.accepted, "feedback": verdict.feedback}
    return fields, None, context.stopped


def _unfinished(error: BaseException) -> tuple[dict[str, Any], BaseException | None]:
    """A program that raised: missing where its model could not be reached, else a zero, which its user would see.

    Only what is not the model's unreadable answer counts as an error.
    """
    from dspy.utils.exceptions import AdapterParseError, ContextWindowExceededError, LMError

    unreadable = isinstance(error, AdapterParseError | ContextWindowExceededError)
    if not unreadable and (isinstance(error, LMError) or is_transient(error)):
        return _failed(error), error
    zero = {"status": "unparsed", "score": 0.0, "accepted": False, "error": _describe(error)}
    return zero, None if unreadable else error


def _failed(error: BaseException) -> dict[str, Any]:
    return {"status": "failed", "score": None, "accepted": False, "error": _describe(error)}


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _missing(task: Task, key: str, placed: PlacedExample, reason: str) -> RolloutResult:
    rollout = Rollout(
        key=key,
        candidate=task.candidate,
        example=placed.fingerprint,
        index=placed.index,
        split=placed.split,
        sample=task.sample,
        status="failed",
        score=None,
        accepted=False,
        prediction={},
        steps=[],
        error=f"not run: {reason}",
        seconds=0.0,
    )
    return RolloutResult(rollout=rollout, trace=[], stopped=True)


def _named_trace(trace: list[Any]) -> Trace:
    """dspy's trace by predictor names; predictors made on the way have none and are left out."""
    return [
        (watched_name(predictor), dict(inputs), dict(prediction.items()))
        for predictor, inputs, prediction in trace
        if is_watched(predictor)
    ]


def _fields(prediction: Any) -> dict[str, Any]:
    if prediction is None:
        return {}
    plain = to_plain(dict(prediction.items()) if hasattr(prediction, "items") else prediction)
    return plain if isinstance(plain, dict) else {"result": plain}
