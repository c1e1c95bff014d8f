"""A run as JSON lines on stdout: one a committed event. The report follows as the last line."""

from tunesmith.protocol import EventRecord, Totals
from tunesmith.protocol.session_messages import RunStarted
from tunesmith.server.views.output import complain, print_json


class JsonLines:
    def begin(self, run: RunStarted) -> None:
        print_json(run)

    def show(self, record: EventRecord) -> None:
        print_json(record)

    def spend(self, totals: Totals) -> None:
        """The last line has the totals."""

    def note(self, message: str) -> None:
        complain(message)

    def end(self) -> None:
        """Nothing to close."""
