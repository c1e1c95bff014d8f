"""A run of which only the result matters: what goes wrong on the way is told, on stderr, and nothing else."""

from tunesmith.protocol import EventRecord, Printed, Totals, Warned
from tunesmith.protocol.session_messages import RunStarted
from tunesmith.server.views.event_lines import event_line
from tunesmith.server.views.output import progress_console


class QuietLines:
    def __init__(self) -> None:
        self._console = progress_console()

    def begin(self, run: RunStarted) -> None:
        """Its id is of no use to anybody."""

    def show(self, record: EventRecord) -> None:
        if isinstance(record.event, Warned | Printed):
            self._console.print(event_line(record.event), soft_wrap=True)

    def spend(self, totals: Totals) -> None:
        """It spends nothing."""

    def note(self, message: str) -> None:
        """There is nothing to keep or to go on with."""

    def end(self) -> None:
        """Nothing to close."""
