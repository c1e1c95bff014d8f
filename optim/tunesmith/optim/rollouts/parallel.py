"""Rollouts side by side: results in the order of the tasks, whatever order they finish in."""

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.optim.rollouts.run import Run

T = TypeVar("T")
R = TypeVar("R")


def map_in_order(
    run: Run,
    function: Callable[[T], R],
    items: Sequence[T],
    *,
    threads: int,
    errors: ErrorTally,
    each: Callable[[int, R], None] = lambda _place, _result: None,
) -> list[R]:
    """`function` over `items`, each call in a copy of the caller's context. `each` sees results in order.

    With one thread, calls are made in order in the calling thread. A cancelled run is left to `function`, which
    returns quickly then. Too many errors end it: `errors` is asked after every result, and raises. What `function`
    raises ends it too; calls under way are waited for.
    """
    if threads == 1:
        return [
            _seen(place, contextvars.copy_context().run(function, item), errors, each)
            for place, item in enumerate(items)
        ]
    with ThreadPoolExecutor(max_workers=min(threads, max(len(items), 1)), thread_name_prefix="rollout") as pool:
        futures: list[Future[R]] = [pool.submit(contextvars.copy_context().run, function, item) for item in items]
        try:
            return [_seen(place, future.result(), errors, each) for place, future in enumerate(futures)]
        except KeyboardInterrupt:
            run.cancel("interrupted")
            raise
        finally:
            # Nothing is left to cancel where every result was seen.
            pool.shutdown(wait=False, cancel_futures=True)


def _seen(place: int, result: R, errors: ErrorTally, each: Callable[[int, R], None]) -> R:
    each(place, result)
    errors.raise_if_exceeded()
    return result
