"""Joining a daemon, seen against one that says whatever a test wants."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tunesmith.server.client import join
from tunesmith.server.client.errors import DaemonMismatch, DaemonNotRunning, DaemonNotStarted
from tunesmith.server.client.paths import socket_path
from tunesmith.server.client.version import PROTOCOL, VERSION


@contextmanager
def daemon_that(answers: Callable[[dict[str, object]], bytes]) -> Iterator[None]:
    """A listener that reads one greeting, sends what `answers` makes of it, and closes."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(socket_path()))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(answers(json.loads(lines.readline())))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
        thread.join(10)
    finally:
        listener.close()


def greets(**changes: object) -> Callable[[dict[str, object]], bytes]:
    return lambda _: json.dumps({"protocol": PROTOCOL, "version": VERSION, "pid": 7} | changes).encode() + b"\n{rest"


@pytest.mark.usefixtures("own_runtime")
def test_join_says_who_it_is_and_leaves_the_rest_of_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_TEST_VALUE", "é")
    heard: list[dict[str, object]] = []

    def answer(greeting: dict[str, object]) -> bytes:
        heard.append(greeting)
        return greets()(greeting)

    with daemon_that(answer):
        joined = join.join(client="lsp", start=False)
    with joined.connection as connection:
        assert connection.recv(100) == b"{rest"
    assert (joined.pid, joined.version, joined.protocol) == (7, VERSION, PROTOCOL)
    (greeting,) = heard
    assert greeting["protocol"] == PROTOCOL
    assert greeting["client"] == "lsp"
    assert greeting["cwd"] == str(Path.cwd())
    environment = greeting["environment"]
    assert isinstance(environment, dict)
    assert environment["TUNESMITH_TEST_VALUE"] == "é"


@pytest.mark.usefixtures("own_runtime")
def test_what_is_no_text_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TUNESMITH_TEST_VALUE", "\udcff")
    heard: list[dict[str, object]] = []
    with daemon_that(lambda greeting: heard.append(greeting) or greets()(greeting)):
        join.join(client="cli", start=False).connection.close()
    assert "TUNESMITH_TEST_VALUE" not in heard[0]["environment"]  # type: ignore[operator]


@pytest.mark.usefixtures("own_runtime")
def test_another_protocol_is_one_sentence_with_the_command_that_mends_it() -> None:
    with (
        daemon_that(greets(protocol=99, version="9.9")),
        pytest.raises(DaemonMismatch, match=r"tunesmith 9\.9 \(protocol 99\).*`tunesmith daemon stop`"),
    ):
        join.join(client="lsp")


@pytest.mark.usefixtures("own_runtime")
def test_another_protocol_may_be_wanted() -> None:
    with daemon_that(greets(protocol=99)):
        joined = join.join(client="cli", start=False, any_protocol=True)
    joined.connection.close()
    assert joined.protocol == 99


@pytest.mark.usefixtures("own_runtime")
@pytest.mark.parametrize("answer", [b"", b"no json\n", b'{"pid": 1}\n'])
def test_who_does_not_greet_is_no_daemon(answer: bytes) -> None:
    with daemon_that(lambda _: answer), pytest.raises(DaemonNotRunning):
        join.join(client="cli", start=False)


@pytest.mark.usefixtures("own_runtime")
def test_nobody_listens() -> None:
    with pytest.raises(DaemonNotRunning):
        join.join(client="cli", start=False)


def test_a_stale_socket_is_nobody(own_runtime: Path) -> None:
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(socket_path()))
    stale.close()
    with pytest.raises(DaemonNotRunning):
        join.join(client="cli", start=False)


@pytest.mark.usefixtures("own_runtime")
def test_a_daemon_that_fails_to_start_is_told_with_its_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(join, "DAEMON", ("-c", "raise SystemExit('no room')"))
    with pytest.raises(DaemonNotStarted, match=r"no room\. What it printed is in .*daemon-output\.log"):
        join.join(client="cli")
    assert (tmp_path / "state" / "daemon-output.log").read_text() == "no room\n"
