"""The link to the daemon: JSON-RPC 2.0, one message a line, on the streams the process was started with.

A thread reads, so that the link answers while user code has the main thread. Writing is safe from any thread.
"""

import os
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Any

import msgspec

from tunesmith.optim.worker.cancellation import Cancellation
from tunesmith.optim.worker.requirements import dspy_version
from tunesmith.protocol import METHODS, PROTOCOL_VERSION, EventRecord, VersionMismatch, Wire, decode, encode
from tunesmith.protocol.worker_messages import (
    CancelOrder,
    RpcError,
    RpcMessage,
    RunEventNote,
    RunOrder,
    RunOutcome,
    WorkerHello,
    WorkerReady,
)

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
VERSION_MISMATCH = -32002


class Link:
    """Reads from the moment it is made."""

    def __init__(self, link_in: int, link_out: int, *, version: str, cancellation: Cancellation) -> None:
        self._in = link_in
        self._out = link_out
        self._version = version
        self._cancellation = cancellation
        self._writing = threading.Lock()
        self._greeted = False
        self._orders: queue.SimpleQueue[tuple[int, RunOrder] | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="link", daemon=True).start()

    def next_order(self) -> tuple[int, RunOrder] | None:
        """Wait for `worker/run`: its request id and order. None when the daemon is gone."""
        return self._orders.get()

    def answer(self, request_id: int, outcome: RunOutcome) -> None:
        """Send the result of `worker/run`."""
        self._write(RpcMessage(id=request_id, result=outcome))

    def tell(self, run_id: str, record: EventRecord) -> None:
        """Send `worker/event`. Dropped where the daemon is gone: the store has it."""
        self._write(RpcMessage(method="worker/event", params=RunEventNote(run_id=run_id, record=record)))

    def _read(self) -> None:
        for line in _lines(self._in):
            self._handle(line)
        self._cancellation.request("the daemon is gone", daemon_lost=True)
        self._orders.put(None)

    def _handle(self, line: bytes) -> None:
        try:
            message = decode(line, RpcMessage)
        except msgspec.DecodeError as error:
            self._refuse(None, PARSE_ERROR, f"not a JSON-RPC message: {error}")
            return
        method = METHODS.get(message.method or "")
        if method is None or method.link != "daemon→worker":
            self._refuse(message.id, METHOD_NOT_FOUND, f"the worker knows no method {message.method!r}")
            return
        try:
            params = msgspec.convert(message.params, method.params)
        except msgspec.ValidationError as error:
            self._refuse(message.id, INVALID_PARAMS, f"{method.name}: {error}")
            return
        self._dispatch(message.id, params)

    def _dispatch(self, request_id: int | None, params: Wire) -> None:
        match params:
            case CancelOrder(reason=reason):
                self._cancellation.request(reason or "cancelled")
            case WorkerHello() if request_id is not None:
                self._greet(request_id, params)
            case RunOrder() if request_id is not None and self._greeted:
                self._orders.put((request_id, params))
            case _:
                self._refuse(request_id, INVALID_REQUEST, "worker/hello, a request, comes first")

    def _greet(self, request_id: int, hello: WorkerHello) -> None:
        if hello.protocol != PROTOCOL_VERSION:
            mismatch = VersionMismatch(
                ours=PROTOCOL_VERSION, theirs=hello.protocol, peer="The daemon", mend=_how_to_mend(hello)
            )
            self._refuse(request_id, VERSION_MISMATCH, str(mismatch))
            return
        self._greeted = True
        ready = WorkerReady(
            protocol=PROTOCOL_VERSION, version=self._version, python=sys.executable, dspy=dspy_version()
        )
        self._write(RpcMessage(id=request_id, result=ready))

    def _refuse(self, request_id: int | None, code: int, message: str, data: Any = None) -> None:
        self._write(RpcMessage(id=request_id, error=RpcError(code=code, message=message, data=data)))

    def _write(self, message: RpcMessage) -> None:
        data = memoryview(encode(message) + b"\n")
        with self._writing:
            try:
                while data:
                    data = data[os.write(self._out, data) :]
            except OSError:
                # The reading side notices the loss and asks the run to stop.
                return


def _how_to_mend(hello: WorkerHello) -> str:
    if hello.protocol > PROTOCOL_VERSION:
        return f"Update this side: {sys.executable} -m pip install 'tunesmith=={hello.version}'"
    return "Update the daemon: uv tool upgrade tunesmith, then tunesmith daemon stop"


def _lines(descriptor: int) -> Iterator[bytes]:
    """Lines without their ends. Not a buffered reader: its lock would be held when the interpreter shuts down."""
    rest = bytearray()
    while data := _read_some(descriptor):
        rest += data
        *whole, last = rest.split(b"\n")
        rest = bytearray(last)
        yield from (bytes(line) for line in whole if line.strip())


def _read_some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
