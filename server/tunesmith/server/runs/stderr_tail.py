"""A worker's standard error: a bounded part goes to the daemon's log, the last lines are kept for an error message."""

import logging
from collections import deque
from collections.abc import Callable

import anyio
import anyio.abc

from tunesmith.server.runs.worker_link import read_lines

logger = logging.getLogger(__name__)

LINES_LOGGED = 200
LINES_KEPT = 20
LONGEST_SHOWN = 500
LONGEST_LINE = 1024 * 1024


class StderrTail:
    """`redact` blots out secrets before anything is logged or kept."""

    def __init__(self, run_id: str, redact: Callable[[str], str]) -> None:
        self._run_id = run_id
        self._redact = redact
        self._kept: deque[str] = deque(maxlen=LINES_KEPT)
        self._seen = 0
        self.ended = anyio.Event()
        """Set once the stream is at its end."""

    async def drain(self, stream: anyio.abc.ByteReceiveStream) -> None:
        """Read until the stream ends."""
        async for line in read_lines(stream, LONGEST_LINE):
            text = self._redact(line.decode("utf-8", errors="replace")).rstrip()[:LONGEST_SHOWN]
            self._kept.append(text)
            self._seen += 1
            if self._seen <= LINES_LOGGED:
                logger.info("run %s, stderr: %s", self._run_id, text)
            elif self._seen == LINES_LOGGED + 1:
                logger.info("run %s, stderr: the rest is not logged", self._run_id)
        self.ended.set()

    @property
    def tail(self) -> str:
        """The last `LINES_KEPT` lines, without secrets."""
        return "\n".join(self._kept)
