"""Rollouts side by side: results in the order of the tasks, whatever order they finish in."""

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from msgspec import Struct, field

from tunesmith.optim.dspy_types import Program
from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.optim.rollouts.one_rollout import is_async
from tunesmith.optim.rollouts.run import Run

T = TypeVar("T")
R = TypeVar("R")


class Executor(Struct, frozen=True):
    """What the rollouts of a run are made with. One is shared by all steps of an optimization."""

    run: Run
    errors: ErrorTally = field(default_factory=lambda: ErrorTally(None))
    """Counts over everything that is made with this."""
    threads: int | None = None
    """Rollouts at once; None: as many as the run has, else dspy's `num_threads`."""
    retries: int = 0
    """Further tries of what failed for a reason that may pass by itself, after all others had theirs."""

    def thread_count(self, program: Program) -> int:
        """Threads to use. An async program is never run in the calling thread, which may have a loop running."""
        import dspy

        threads: int = self.threads or self.run.threads or dspy.settings.num_threads
        return max(threads, 2) if is_async(program) and _loop_is_running() else threads

    def map(
        self,
        function: Callable[[T, bool], R],
        items: Sequence[T],
        *,
        threads: int,
        may_pass: Callable[[R], bool],
        each: Callable[[int, R], None] = lambda _place, _result: None,
    ) -> list[R]:
        """`function` over `items`, each call in a copy of the caller's context; its second argument is whether this is
        the item's last try. Results that `may_pass` by themselves are had again, all others first. `each` sees the
        first tries, by place and in order.

        With one thread, calls are made in order in the calling thread. A cancelled run is left to `function`, which
        returns quickly then. Too many errors end it: `errors` is asked after every result, and raises. What `function`
        raises ends it too; calls under way are waited for.
        """

        def try_all(tried: Sequence[T], left: int, see: Callable[[int, R], None]) -> list[R]:
            return self._map_once(lambda item: function(item, left == 0), tried, threads, see)

        results = try_all(items, self.retries, each)
        for left in reversed(range(self.retries)):
            waiting = [place for place, result in enumerate(results) if may_pass(result)]
            if not waiting or self.run.stopped is not None:
                break
            again = try_all([items[place] for place in waiting], left, lambda _place, _result: None)
            for place, result in zip(waiting, again, strict=True):
                results[place] = result
        return results

    def _map_once(
        self, function: Callable[[T], R], items: Sequence[T], threads: int, each: Callable[[int, R], None]
    ) -> list[R]:
        if threads == 1:
            return [
                self._seen(place, contextvars.copy_context().run(function, item), each)
                for place, item in enumerate(items)
            ]
        with ThreadPoolExecutor(max_workers=min(threads, max(len(items), 1)), thread_name_prefix="rollout") as pool:
            futures: list[Future[R]] = [pool.submit(contextvars.copy_context().run, function, item) for item in items]
            try:
                return [self._seen(place, future.result(), each) for place, future in enumerate(futures)]
            except KeyboardInterrupt:
                self.run.cancel("interrupted")
                raise
            finally:
                # Nothing is left to cancel where every result was seen.
                pool.shutdown(wait=False, cancel_futures=True)

    def _seen(self, place: int, result: R, each: Callable[[int, R], None]) -> R:
        each(place, result)
        self.errors.raise_if_exceeded()
        return result


def _loop_is_running() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
