"""The table of optimizers in `protocol` against the classes it speaks of."""

import inspect
from importlib import import_module

import msgspec
import pytest

from tunesmith.optim.order import WorkerSide
from tunesmith.optim.worker.ordering import WORKER_SIDES, worker_side
from tunesmith.protocol import EVALUATE, OPTIMIZERS

NO_OPTIONS = {
    *("self", "metric", "run", "run_dir", "log_dir", "num_threads", "seed", "keep_baseline"),
    *("prompt_model", "task_model", "verbose", "track_stats", "model", "folder"),
}
"""Arguments the order has fields of its own for, and those that mean nothing in a run."""


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_options_and_defaults_are_the_constructors(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    for class_name in optimizer.classes:
        parameters = inspect.signature(getattr(import_module(WORKER_SIDES[name]), class_name)).parameters
        taken = {word: one.default for word, one in parameters.items() if word not in NO_OPTIONS}
        told = {one.keyword: one.default for one in optimizer.options}
        assert msgspec.to_builtins(told) == msgspec.to_builtins(taken)


@pytest.mark.parametrize("name", [*OPTIMIZERS, EVALUATE])
def test_everything_that_can_be_ordered_has_a_worker_side(name: str) -> None:
    assert isinstance(worker_side(name), WorkerSide)
    assert set(WORKER_SIDES) == {*OPTIMIZERS, EVALUATE}
