"""Which calls share a batch, and whose fault an error is."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tunesmith.optim.finetune.serving import dispatching
from tunesmith.optim.finetune.serving.dispatching import Call, Dispatcher, take_batch


def calls(*sizes: tuple[str, int]) -> list[Call]:
    return [Call(lambda items: items, key, number, tokens, Future()) for number, (key, tokens) in enumerate(sizes)]


@pytest.mark.parametrize(
    ("waiting", "taken"),
    [
        ([("a", 10), ("b", 10), ("a", 10)], [0, 2]),
        ([("a", 9000)], [0]),
        ([("a", 4000), ("a", 4000), ("a", 4000)], [0, 1]),
        ([("a", 100), ("a", 5000)], [0]),
        ([("a", 1)] * 40, list(range(32))),
    ],
)
def test_a_batch_is_the_first_call_and_its_like(waiting: list[tuple[str, int]], taken: list[int]) -> None:
    assert [call.item for call in take_batch(calls(*waiting))] == taken


def test_calls_get_their_own_results_and_errors() -> None:
    dispatcher = Dispatcher()

    def compute(items: Sequence[int]) -> list[int]:
        if 3 in items:
            raise ValueError("three")
        return [item * 2 for item in items]

    def ask(item: int) -> int | str:
        try:
            answer: int = dispatcher.ask(compute, item == 3, item, 1)
        except ValueError as error:
            return str(error)
        return answer

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(6))) == [0, 2, 4, "three", 8, 10]


def test_calls_that_come_while_one_is_computed_are_computed_together() -> None:
    dispatcher = Dispatcher()
    started, go_on = threading.Event(), threading.Event()
    sizes: list[int] = []

    def compute(items: Sequence[str]) -> Sequence[str]:
        sizes.append(len(items))
        if items[0] == "first":
            started.set()
            go_on.wait(60)
        return items

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(dispatcher.ask, compute, "key", "first", 1)
        assert started.wait(60)
        others = [pool.submit(dispatcher.ask, compute, "key", str(number), 1) for number in range(4)]
        with dispatcher._changed:
            assert dispatcher._changed.wait_for(lambda: len(dispatcher._waiting) == 4, 60)
        go_on.set()
        assert [first.result(60), *(other.result(60) for other in others)] == ["first", "0", "1", "2", "3"]
    assert sizes == [1, 4]


def test_a_batch_is_not_waited_for_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "QUIET_SECONDS", 600.0)
    monkeypatch.setattr(dispatching, "PATIENCE_SECONDS", 600.0)
    monkeypatch.setattr(dispatching, "BATCH_ROWS", 2)
    dispatcher = Dispatcher()
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda item: dispatcher.ask(list, "key", item, 1), ["a", "b"])) == ["a", "b"]
