"""The shared daemon: who starts it, who shares it, what ends it, and what a client sees then."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.conftest import OpenEditor
from support.workspaces.bank_workspace import Bank
from tunesmith.protocol import PROTOCOL_VERSION
from tunesmith.protocol.session_messages import Empty
from tunesmith.server.client import control
from tunesmith.server.client.daemon_client import DaemonClient
from tunesmith.server.client.errors import DaemonLost, DaemonNotRunning, DaemonNotStarted
from tunesmith.server.client.paths import queue_dir, socket_path

FORWARDER = [sys.executable, "-m", "tunesmith.server.serve_editor"]
TIMEOUT = 30.0


async def test_editors_and_the_command_line_share_one_daemon(open_editor: OpenEditor) -> None:
    await asyncio.gather(*(open_editor("neovim") for _ in range(3)))
    status = await control.daemon_status()
    assert status.sessions == 4  # this one too
    assert status.pid not in (os.getpid(), 0)


async def test_windows_without_a_daemon_do_not_meet(open_editor: OpenEditor, bank: Bank) -> None:
    control.start_daemon()
    windows = [await open_editor("neovim", standalone=True) for _ in range(2)]
    uris = [window.open(bank.source) for window in windows]
    assert all([await window.lenses(uri) for window, uri in zip(windows, uris, strict=True)])
    assert (await control.daemon_status()).sessions == 1


@pytest.mark.usefixtures("machine")
async def test_daemons_started_at_once_end_as_one() -> None:
    pids = await asyncio.gather(*(asyncio.to_thread(control.start_daemon) for _ in range(4)))
    assert len(set(pids)) == 1


@pytest.mark.usefixtures("machine")
async def test_a_stale_socket_is_replaced() -> None:
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(socket_path()))
    stale.close()
    async with DaemonClient.connect() as client:
        assert (await client.request("tunesmith/status", Empty())).socket == str(socket_path())


@pytest.mark.usefixtures("machine")
async def test_a_daemon_that_cannot_start_says_why() -> None:
    queue_dir().parent.mkdir(parents=True, exist_ok=True)
    queue_dir().write_text("in the way")
    with pytest.raises(DaemonNotStarted, match=f"did not start: {queue_dir()}.*cannot be written"):
        control.start_daemon()


@pytest.mark.usefixtures("machine")
async def test_a_killed_daemon_is_replaced() -> None:
    first = control.start_daemon()
    os.kill(first, signal.SIGKILL)
    wait_for_exit(first)
    assert control.start_daemon() != first


@pytest.mark.usefixtures("machine")
async def test_it_leaves_when_nobody_needs_it() -> None:
    pid = control.start_daemon(idle_minutes=0.005)
    wait_for_exit(pid)
    with pytest.raises(DaemonNotRunning):
        await control.daemon_status()
    assert not socket_path().exists()


@pytest.mark.usefixtures("machine")
async def test_it_stays_while_somebody_is_connected() -> None:
    pid = control.start_daemon(idle_minutes=0.005)
    async with DaemonClient.connect() as client:
        with pytest.raises(TimeoutError):
            wait_for_exit(pid, seconds=1.0)
        assert (await client.request("tunesmith/status", Empty())).pid == pid


@pytest.mark.usefixtures("machine")
async def test_stop_waits_until_it_has_gone() -> None:
    pid = control.start_daemon()
    assert control.stop_daemon() == pid
    assert control.stop_daemon() is None


@pytest.mark.usefixtures("machine")
async def test_a_client_may_stop_it() -> None:
    async with DaemonClient.connect() as client:
        pid = (await client.request("tunesmith/status", Empty())).pid
        await client.request("tunesmith/stop", Empty())
        wait_for_exit(pid)
        with pytest.raises(DaemonLost):
            await client.request("tunesmith/status", Empty())


def test_the_forwarder_ends_when_the_daemon_dies(machine: dict[str, str]) -> None:
    """With an exit code that makes an editor start it anew, and one line that says why."""
    pid = control.start_daemon()
    forwarder = begin_session()
    os.kill(pid, signal.SIGKILL)
    assert forwarder.wait(TIMEOUT) == 1
    _, errors = forwarder.communicate()
    (line,) = errors.decode().splitlines()
    assert line.startswith("The tunesmith daemon went away. Its runs are kept")


def test_the_forwarder_ends_with_its_editor(machine: dict[str, str]) -> None:
    forwarder = begin_session()
    assert forwarder.communicate(b"", TIMEOUT)[1] == b""
    assert forwarder.returncode == 0


async def test_a_client_that_vanishes_leaves_the_others_alone(open_editor: OpenEditor, bank: Bank) -> None:
    editor = await open_editor("visual-studio-code")
    vanishing = begin_session()
    assert (await control.daemon_status()).sessions == 3
    vanishing.kill()
    vanishing.communicate()
    uri = editor.open(bank.source)
    assert await editor.lenses(uri)
    async with DaemonClient.connect() as client:
        while (await client.request("tunesmith/status", Empty())).sessions > 2:
            pass  # its end reaches the daemon in its own time


async def test_a_client_of_another_protocol_is_told(machine: dict[str, str]) -> None:
    control.start_daemon()
    reader, writer = await asyncio.open_unix_connection(str(socket_path()))
    writer.write(b'{"protocol": 99, "version": "9", "client": "cli", "cwd": "/", "environment": {}}\n')
    assert f'"protocol":{PROTOCOL_VERSION}'.encode() in await reader.readline()
    assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize("greeting", [b"GET / HTTP/1.1\r\n\r\n", b"{}\n", b"\xff\xfe\n", b"x" * 100])
async def test_a_stranger_is_shown_out(machine: dict[str, str], greeting: bytes) -> None:
    control.start_daemon()
    reader, writer = await asyncio.open_unix_connection(str(socket_path()))
    writer.write(greeting)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    assert (await control.daemon_status()).sessions == 1


async def test_nothing_heavy_and_no_secret(
    open_editor: OpenEditor, bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the daemon imports it says on its standard error, which is a file; its log is another."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    control.start_daemon()
    monkeypatch.delenv("PYTHONPROFILEIMPORTTIME")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-seen")
    editor = await open_editor("visual-studio-code")
    uri = editor.open(bank.source)
    await editor.lenses(uri)
    await editor.actions(uri)
    imported = {line.rpartition("|")[2].strip() for line in (tmp_path / "state" / "daemon-output.log").open()}
    assert "pygls" in imported
    heavy = {"dspy", "litellm", "numpy", "torch", "transformers", "optuna", "bank"}
    assert {name for name in imported if name.partition(".")[0] in heavy} == set()
    log = (tmp_path / "state" / "daemon.log").read_text(encoding="utf-8")
    assert "listening" in log
    assert "sk-not-to-be-seen" not in log
    assert "Tell what the message is about" not in log


def begin_session() -> "subprocess.Popen[bytes]":
    """A forwarder whose client got its first answer."""
    process = subprocess.Popen(FORWARDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    body = (
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{},"processId":null,"rootUri":null}}'
    )
    process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    process.stdin.flush()
    assert process.stdout.readline().startswith(b"Content-Length")
    return process


def wait_for_exit(pid: int, seconds: float = TIMEOUT) -> None:
    """Raises `TimeoutError`."""
    descriptor = os.pidfd_open(pid)
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            raise TimeoutError(pid)
    finally:
        os.close(descriptor)
