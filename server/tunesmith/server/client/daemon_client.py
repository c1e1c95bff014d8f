"""A client of the daemon: the command line's, the demo's and the tests'.

Content-Length JSON-RPC over the daemon's socket, with msgspec alone, because a command should feel instant. Own
methods go through `request` and give structs of `protocol`; Language Server Protocol methods go through `send` and
give plain data.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import msgspec

from tunesmith.protocol import METHODS, UserError
from tunesmith.protocol.wire import Wire, decode, encode
from tunesmith.server.client.errors import DaemonLost
from tunesmith.server.client.join import join
from tunesmith.server.client.paths import log_file

METHOD_NOT_FOUND = -32601
INTERNAL_ERROR = -32603

Answer = Callable[[Any], Awaitable[Any]]
"""Answers a request of the daemon's: parameters in, result out, plain data both."""


class DaemonRefused(Exception):
    """The daemon answered a request with an error. `error` says what, where, and the next step; `code` is the
    JSON-RPC error's."""

    def __init__(self, error: UserError, code: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.code = code


class Notification(Wire, frozen=True, kw_only=True):
    """A notification as it came; `params` is plain data (`msgspec.convert` makes a struct of it)."""

    method: str
    params: Any = None


class _Incoming(Wire, frozen=True, kw_only=True):
    id: int | str | None = None
    method: str | None = None
    params: Any = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: "_Error | None" = None


class _Error(Wire, frozen=True, kw_only=True):
    code: int
    message: str
    data: Any = None


class DaemonClient:
    """One connection to the daemon. Use `DaemonClient.connect()`; requests may run at the same time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._notifications: asyncio.Queue[Notification | None] = asyncio.Queue()
        self._answers: dict[str, Answer] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._receiving = asyncio.create_task(self._receive())

    @classmethod
    @asynccontextmanager
    async def connect(cls, *, start: bool = True) -> AsyncIterator[Self]:
        """Join the running daemon, or start it where `start` is set. Raises `SessionError`."""
        joined = await asyncio.to_thread(join, client="cli", start=start)
        joined.connection.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=joined.connection)
        client = cls(reader, writer)
        try:
            yield client
        finally:
            await client.close()

    async def request(self, method: str, params: Wire) -> Any:
        """Call a method of `METHODS` and return its result struct. Raises `DaemonRefused`, `DaemonLost`."""
        result = METHODS[method].result
        if result is None:
            raise ValueError(f"{method} is a notification: it has no result")
        return decode(await self._call(method, params), result)

    async def send(self, method: str, params: Any = None) -> Any:
        """Call any method with plain data and return plain data. Raises `DaemonRefused`, `DaemonLost`."""
        return decode(await self._call(method, params), Any)

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification: a struct or plain data."""
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def answer(self, method: str, answer: Answer) -> None:
        """Answer the daemon's requests of this method with `answer`. Others get "method not found"."""
        self._answers[method] = answer

    async def notifications(self) -> AsyncIterator[Notification]:
        """The daemon's notifications, from the connection's beginning; ends with the connection. One consumer."""
        while (notification := await self._notifications.get()) is not None:
            yield notification

    async def close(self) -> None:
        """End the connection; whoever waits for an answer gets `DaemonLost`."""
        self._receiving.cancel()
        with suppress(asyncio.CancelledError):
            await self._receiving
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _call(self, method: str, params: Any) -> msgspec.Raw:
        if self._receiving.done():
            raise DaemonLost(log_file())
        number = next(self._ids)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            result: msgspec.Raw = await answer
        except asyncio.CancelledError:
            self.notify("$/cancelRequest", {"id": number})
            raise
        finally:
            del self._waiting[number]
        return result

    def _write(self, message: dict[str, Any]) -> None:
        body = encode(message)
        if not self._writer.is_closing():
            self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _receive(self) -> None:
        try:
            while True:
                self._dispatch(decode(await self._read_body(), _Incoming))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the daemon ended the connection; whoever waits learns of it below
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(DaemonLost(log_file()))
            self._notifications.put_nowait(None)

    async def _read_body(self) -> bytes:
        length = 0
        while (line := await self._reader.readuntil(b"\r\n")) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return await self._reader.readexactly(length)

    def _dispatch(self, message: _Incoming) -> None:
        if message.method is None:
            self._settle(message)
        elif message.id is None:
            self._notifications.put_nowait(Notification(method=message.method, params=message.params))
        else:
            task = asyncio.create_task(self._answer(message.id, message.method, message.params))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    def _settle(self, message: _Incoming) -> None:
        waiting = self._waiting.get(message.id) if isinstance(message.id, int) else None
        if waiting is None or waiting.done():
            return
        if message.error is None:
            waiting.set_result(message.result)
        else:
            waiting.set_exception(DaemonRefused(_user_error(message.error), message.error.code))

    async def _answer(self, number: int | str, method: str, params: Any) -> None:
        answer = self._answers.get(method)
        if answer is None:
            error = {"code": METHOD_NOT_FOUND, "message": f"this client has no {method}"}
            self._write({"jsonrpc": "2.0", "id": number, "error": error})
            return
        try:
            self._write({"jsonrpc": "2.0", "id": number, "result": await answer(params)})
        except Exception as failure:  # noqa: BLE001  a request's border: the daemon must get an answer
            error = {"code": INTERNAL_ERROR, "message": str(failure)}
            self._write({"jsonrpc": "2.0", "id": number, "error": error})


def _user_error(error: _Error) -> UserError:
    """The daemon puts a `UserError` beside the sentence wherever it has one."""
    with suppress(msgspec.ValidationError):
        return msgspec.convert(error.data, UserError)
    return UserError(message=error.message)
