"""What a command that follows a run shows of it while it goes: nothing, lines, or JSON (`live_progress.py` draws)."""

from typing import Protocol

from tunesmith.protocol import BatchClosed, EventRecord, Printed, Progressed, Totals, Warned, as_progress
from tunesmith.protocol.session_messages import RunStarted
from tunesmith.server.text import SEARCHING, describe_event
from tunesmith.server.views.output import complain, print_json, progress_console

STEPS = 10
"""A phase of known length, or a search, is reported in about so many lines."""


class RunView(Protocol):
    """Shown every committed event, in order, exactly once."""

    def begin(self, run: RunStarted) -> None:
        """The run was started, or is joined."""

    def show(self, record: EventRecord) -> None:
        """What has just been committed."""

    def show_totals(self, totals: Totals) -> None:
        """The ledger so far; comes about once a second."""

    def note(self, message: str) -> None:
        """A word from the command itself: a cancel was asked for, the command detaches."""

    def end(self) -> None:
        """The run rests, or the command leaves it."""


class JsonLines:
    """JSON lines on stdout: one a committed event. The report follows as the last line."""

    def begin(self, run: RunStarted) -> None:
        print_json(run)

    def show(self, record: EventRecord) -> None:
        print_json(record)

    def show_totals(self, totals: Totals) -> None:
        """The last line has the totals."""

    def note(self, message: str) -> None:
        complain(message)

    def end(self) -> None:
        """Nothing to close."""


class QuietLines:
    """Only the result matters: what goes wrong on the way is said, on stderr, and nothing else."""

    def __init__(self) -> None:
        self._console = progress_console()

    def begin(self, run: RunStarted) -> None:
        """Its id is of no use to anybody."""

    def show(self, record: EventRecord) -> None:
        if isinstance(record.event, Warned | Printed):
            self._console.print(describe_event(record.event), soft_wrap=True)

    def show_totals(self, totals: Totals) -> None:
        """It spends nothing."""

    def note(self, message: str) -> None:
        """There is nothing to keep or to go on with."""

    def end(self) -> None:
        """Nothing to close."""


class PlainLines:
    """Plain lines on stderr: for logs and pipes, where nothing can be drawn over."""

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
        line = describe_event(record.event)
        if line != self._last:  # daemon and worker both say that a run goes
            self._print(line)
        self._last = line

    def show_totals(self, totals: Totals) -> None:
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
