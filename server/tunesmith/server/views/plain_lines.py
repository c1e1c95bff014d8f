"""A run as plain lines on stderr: for logs and pipes, where nothing can be drawn over."""

from tunesmith.protocol import BatchClosed, EventRecord, Progressed, Totals, as_progress
from tunesmith.protocol.session_messages import RunStarted
from tunesmith.server.text import SEARCHING
from tunesmith.server.views.event_lines import event_line
from tunesmith.server.views.output import complain, progress_console

STEPS = 10
"""A phase of known length, or a search, is told in about so many lines."""


class PlainLines:
    def __init__(self) -> None:
        self._console = progress_console()
        self._phase: str | None = None
        self._step = -1
        self._last = ""
        self._leader = ""
        self._searched = -1

    def begin(self, run: RunStarted) -> None:
        self._print(f"run {run.run_id}")

    def show(self, record: EventRecord) -> None:
        progress = as_progress(record.event)
        if progress is not None and (progress.phase == SEARCHING or not self._is_news(progress)):
            return
        if isinstance(record.event, BatchClosed) and not self._leads_on(record.event):
            return
        line = event_line(record.event)
        if line != self._last:  # daemon and worker both say that a run goes
            self._print(line)
        self._last = line

    def spend(self, totals: Totals) -> None:
        """The report has the totals; a line a second would drown the rest."""

    def note(self, message: str) -> None:
        complain(message)

    def end(self) -> None:
        """Nothing to close."""

    def _is_news(self, event: Progressed) -> bool:
        """A new phase, a further tenth of it, or its end."""
        step = event.done * STEPS // event.total if event.total else -1
        if event.phase == self._phase and step == self._step:
            return False
        self._phase, self._step = event.phase, step
        return True

    def _leads_on(self, event: BatchClosed) -> bool:
        """Another leader, or a further tenth of what the search may spend."""
        step = event.rollouts * STEPS // max(event.ceiling, 1)
        if event.leader == self._leader and step == self._searched:
            return False
        self._leader, self._searched = event.leader, step
        return True

    def _print(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)
