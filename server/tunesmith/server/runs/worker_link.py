"""JSON-RPC with a worker, one message a line, over its standard streams.

Nothing a worker writes can harm the daemon: what is no message, or longer than `LONGEST_LINE`, is logged and passed
over.
"""

import logging
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import anyio
import anyio.abc
import msgspec

from tunesmith.protocol import Wire, decode, encode
from tunesmith.protocol.worker_messages import RpcError, RpcMessage, RunEventNote

logger = logging.getLogger(__name__)

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes."""

Answer = TypeVar("Answer", bound=Wire)


class WorkerGone(Exception):
    """The worker closed the link before it answered."""


class WorkerRefused(Exception):
    """The worker answered with an error, or with something that is no answer."""

    def __init__(self, error: RpcError) -> None:
        super().__init__(error.message)
        self.error = error


class _Waiting:
    def __init__(self) -> None:
        self.answered = anyio.Event()
        self.message: RpcMessage | None = None


class WorkerLink:
    """`read` runs beside the requests, in a task of its own, until the worker closes its end."""

    def __init__(
        self,
        stdin: anyio.abc.ByteSendStream,
        stdout: anyio.abc.ByteReceiveStream,
        on_event: Callable[[RunEventNote], None],
    ) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._on_event = on_event
        self._writing = anyio.Lock()
        self._waiting: dict[int, _Waiting] = {}
        self._last_id = 0
        self._gone = False

    async def request(self, method: str, params: Wire, answer: type[Answer]) -> Answer:
        """Raises `WorkerGone` or `WorkerRefused`."""
        if self._gone:
            raise WorkerGone
        self._last_id += 1
        waiting = self._waiting[self._last_id] = _Waiting()
        try:
            await self._send(RpcMessage(id=self._last_id, method=method, params=params))
            await waiting.answered.wait()
        finally:
            del self._waiting[self._last_id]
        if waiting.message is None:
            raise WorkerGone
        if waiting.message.error is not None:
            raise WorkerRefused(waiting.message.error)
        try:
            return msgspec.convert(waiting.message.result, answer)
        except msgspec.ValidationError as error:
            raise WorkerRefused(
                RpcError(code=-32603, message=f"its answer to {method} is unreadable: {error}")
            ) from error

    async def notify(self, method: str, params: Wire) -> None:
        """Raises `WorkerGone`."""
        await self._send(RpcMessage(method=method, params=params))

    async def hang_up(self) -> None:
        """Close the worker's standard input: it has lost its daemon, commits what is in flight, and exits."""
        await self._stdin.aclose()

    async def read(self) -> None:
        """Take in messages until the worker closes its end."""
        try:
            async for line in read_lines(self._stdout, LONGEST_LINE):
                self._take(line)
        finally:
            self._gone = True
            for waiting in self._waiting.values():
                waiting.answered.set()

    def _take(self, line: bytes) -> None:
        try:
            message = decode(line, RpcMessage)
            note = msgspec.convert(message.params, RunEventNote) if message.method == "worker/event" else None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            logger.warning("a worker wrote a line that is no message (%d bytes: %s)", len(line), error)
            return
        if note is not None:
            self._on_event(note)
        elif message.method is None and message.id in self._waiting:
            waiting = self._waiting[message.id]
            waiting.message = message
            waiting.answered.set()
        else:
            logger.warning("a worker sent an unexpected message (method %s, id %s)", message.method, message.id)

    async def _send(self, message: RpcMessage) -> None:
        try:
            async with self._writing:
                await self._stdin.send(encode(message) + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            raise WorkerGone from error


async def read_lines(stream: anyio.abc.ByteReceiveStream, longest: int) -> AsyncIterator[bytes]:
    """Lines of a byte stream, without their ends. Longer ones are logged and passed over."""
    parts: list[bytes] = []
    size = 0
    async for chunk in stream:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            if size + len(piece) <= longest:
                yield b"".join([*parts, piece])
            else:
                logger.warning("a worker wrote a line of %d bytes; it is passed over", size + len(piece))
            parts, size = [], 0
        size += len(rest)
        if size <= longest:
            parts.append(rest)
        else:
            parts = []
    if 0 < size <= longest:
        yield b"".join(parts)
