"""Linear algebra on one thread.

A search solves many systems of a few hundred unknowns. Split over threads they are no faster on an idle machine, and
on a busy one the threads wait for each other: fifty times as long, in one measurement on two cores.
"""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


def one_blas_thread() -> AbstractContextManager[Any]:
    """Inside, numpy's linear algebra uses the calling thread alone."""
    limits: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limits


@cache
def _controller() -> Any:
    # Looks through the loaded libraries: once is enough, as numpy's is loaded by then.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
