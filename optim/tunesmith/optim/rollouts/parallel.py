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


def map_with_retries(
    run: Run,
    function: Callable[[T, bool], R],
    items: Sequence[T],
    *,
    retries: int,
    may_pass: Callable[[R], bool],
    threads: int,
    errors: ErrorTally,
    each: Callable[[int, R], None] = lambda _place, _result: None,
) -> list[R]:
    """As `map_in_order`; results that `may_pass` by themselves are had again, up to `retries` times, all others
    first. `function` is told whether this is an item's last try. `each` sees the first tries."""

    def try_all(tried: Sequence[T], left: int, told: Callable[[int, R], None]) -> list[R]:
        return map_in_order(
            run, lambda item: function(item, left == 0), tried, threads=threads, errors=errors, each=told
        )

    results = try_all(items, retries, each)
    for left in reversed(range(retries)):
        waiting = [place for place, result in enumerate(results) if may_pass(result)]
        if not waiting or run.stopped is not None:
            break
        again = try_all([items[place] for place in waiting], left, lambda _place, _result: None)
        for place, result in zip(waiting, again, strict=True):
            results[place] = result
    return results


def _seen(place: int, result: R, errors: ErrorTally, each: Callable[[int, R], None]) -> R:
    each(place, result)
    errors.raise_if_exceeded()
    return result
