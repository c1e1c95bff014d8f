"""Work-done progress of a run, in the sessions that started or watch it (LSP 3.17, "Work Done Progress")."""

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future

from lsprotocol import types
from msgspec import structs
from pygls.exceptions import JsonRpcException
from pygls.progress import Progress

from tunesmith.protocol import BatchClosed, Progressed
from tunesmith.server.text import SEARCHING, describe_batch, describe_leader, describe_progress

SHARE_OF_THE_REST = 0.5
"""Of what is left of the bar, the part a phase may fill: how many phases follow is not known, and a bar only rises."""

log = logging.getLogger(__name__)


class RunProgress:
    """One bar with a button to cancel. Begin, report and end may be called whatever the client can show."""

    def __init__(self, progress: Progress, title: str, on_cancel: Callable[[], None]) -> None:
        self._progress = progress
        self._title = title
        self._on_cancel = on_cancel
        self._token: str | None = None
        self._ended = False
        self._phase = ""
        self._base = 0.0
        self._filled = 0.0
        self._leader = ""

    async def begin(self) -> None:
        """Only for clients that take progress the server begins (`Abilities.progress`)."""
        token = str(uuid.uuid4())
        try:
            # Shielded: pygls fails on the answer to a request whose waiter was cancelled.
            await asyncio.shield(self._progress.create_async(token))
        except (JsonRpcException, asyncio.CancelledError) as error:
            log.info("the client takes no progress: %s", type(error).__name__)
            if isinstance(error, asyncio.CancelledError):
                raise
            return
        if self._ended:  # while the client was asked
            del self._progress.tokens[token]
            return
        self._token = token
        self._progress.begin(token, types.WorkDoneProgressBegin(title=self._title, cancellable=True, percentage=0))
        self._progress.tokens[token].add_done_callback(self._cancelled)

    def report(self, event: Progressed) -> None:
        """The run is so far; during a search its leader is named too."""
        if self._token is None:
            return
        if event.phase != self._phase:
            self._phase, self._base = event.phase, self._filled
        if event.total:
            self._fill(event.done / event.total)
        searching = event.phase == SEARCHING and self._leader
        self._send(describe_progress(structs.replace(event, text=self._leader) if searching else event))

    def report_batch(self, event: BatchClosed) -> None:
        """A batch of the search is decided: its leader stays in sight while the next one goes on."""
        if self._token is None:
            return
        self._leader = f"leader {describe_leader(event)}"
        if event.ceiling:
            self._fill(event.rollouts / event.ceiling)
        self._send(describe_batch(event))

    def end(self, message: str | None = None) -> None:
        """Take the bar away, with a last word."""
        self._ended = True
        if self._token is None:
            return
        token, self._token = self._token, None
        self._progress.end(token, types.WorkDoneProgressEnd(message=message))
        del self._progress.tokens[token]  # pygls keeps them for ever

    def _fill(self, share: float) -> None:
        filled = self._base + (1 - self._base) * min(share, 1.0) * SHARE_OF_THE_REST
        self._filled = max(self._filled, filled)

    def _send(self, message: str) -> None:
        if self._token is not None:
            self._progress.report(
                self._token,
                types.WorkDoneProgressReport(message=message, percentage=int(self._filled * 100), cancellable=True),
            )

    def _cancelled(self, future: "Future[None]") -> None:
        if future.cancelled() and self._token is not None:
            self._on_cancel()
