"""A run's progress bar, as the messages a client gets."""

from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from tunesmith.protocol import BatchClosed, Progressed
from tunesmith.server.lsp.progress import RunProgress


class Client:
    """A server whose client answers progress requests, and what that client saw."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, refuses: bool = False) -> None:
        self.server = LanguageServer("test", "1")
        self.seen: list[Any] = []
        self.created: list[str] = []

        async def answer(method: str, params: Any = None, msg_id: Any = None) -> None:
            if refuses:
                raise JsonRpcInternalError
            self.created.append(params.token)

        def hear(method: str, params: Any = None) -> None:
            assert params.token in self.created
            self.seen.append(params.value)

        monkeypatch.setattr(self.server.protocol, "send_request_async", answer)
        monkeypatch.setattr(self.server.protocol, "notify", hear)


def at(phase: str, done: int, total: int | None) -> Progressed:
    return Progressed(phase=phase, done=done, total=total)


async def test_a_bar_begins_rises_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(monkeypatch)
    progress = RunProgress(client.server.work_done_progress, "Tuning triage", on_cancel=lambda: None)
    await progress.begin()
    for event in (at("bootstrapping", 5, 10), at("bootstrapping", 10, 10), at("scoring", 0, 10), at("scoring", 10, 10)):
        progress.report(event)
    progress.end("finished")
    begin, *reports, end = client.seen
    assert (begin.title, begin.cancellable) == ("Tuning triage", True)
    assert [report.percentage for report in reports] == [25, 50, 50, 75]
    assert reports[0].message == "bootstrapping 5/10"
    assert end == types.WorkDoneProgressEnd(message="finished")
    assert client.server.work_done_progress.tokens == {}


async def test_it_never_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(monkeypatch)
    progress = RunProgress(client.server.work_done_progress, "Tuning", on_cancel=lambda: None)
    await progress.begin()
    for event in (at("bootstrapping", 8, 10), at("bootstrapping", 2, 10), at("bootstrapping", 3, None)):
        progress.report(event)
    assert [report.percentage for report in client.seen[1:]] == [40, 40, 40]


def closed(batch: int, rollouts: int, leader: str) -> BatchClosed:
    return BatchClosed(
        batch=batch, rollouts=rollouts, ceiling=100, tried=9, leader=leader, mean=0.714, probability=0.93
    )


async def test_a_search_shows_its_leader_until_there_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(monkeypatch)
    progress = RunProgress(client.server.work_done_progress, "Tuning", on_cancel=lambda: None)
    progress.report_batch(closed(1, 5, "baseline"))
    await progress.begin()
    progress.report(at("searching", 10, 100))
    progress.report_batch(closed(1, 20, "errors 2"))
    progress.report(Progressed(phase="searching", done=30, total=100, text="leader i2d0"))
    progress.report_batch(closed(2, 25, "errors 2"))
    assert [(report.message, report.percentage) for report in client.seen[1:]] == [
        ("searching 10/100", 5),
        ("20/100 program calls, 9 candidates tried; leader errors 2: 71 % (P better than the baseline 0.93)", 10),
        ("searching 30/100: leader errors 2: 71 % (P better than the baseline 0.93)", 15),
        ("25/100 program calls, 9 candidates tried; leader errors 2: 71 % (P better than the baseline 0.93)", 15),
    ]


async def test_cancel_is_heard_once_and_not_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(monkeypatch)
    cancelled: list[bool] = []
    progress = RunProgress(client.server.work_done_progress, "Tuning", on_cancel=lambda: cancelled.append(True))
    await progress.begin()
    token = client.server.work_done_progress.tokens[client.created[0]]
    token.cancel()
    token.cancel()
    progress.end()
    assert cancelled == [True]


async def test_a_run_that_ends_while_the_client_is_asked_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(monkeypatch)
    progress = RunProgress(client.server.work_done_progress, "Tuning", on_cancel=lambda: None)
    progress.end("finished")
    await progress.begin()
    assert client.seen == []
    assert client.server.work_done_progress.tokens == {}


async def test_a_client_that_refuses_gets_no_more_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(monkeypatch, refuses=True)
    progress = RunProgress(client.server.work_done_progress, "Tuning", on_cancel=lambda: None)
    await progress.begin()
    progress.report(at("bootstrapping", 1, 2))
    progress.end("finished")
    assert client.seen == []
