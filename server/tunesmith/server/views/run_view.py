"""What a command that follows a run shows of it while it goes."""

from typing import Protocol

from tunesmith.protocol import EventRecord, Totals
from tunesmith.protocol.session_messages import RunStarted


class RunView(Protocol):
    """Told of every committed event, in order, exactly once."""

    def begin(self, run: RunStarted) -> None: ...

    def show(self, record: EventRecord) -> None: ...

    def spend(self, totals: Totals) -> None:
        """The ledger so far; comes about once a second."""

    def note(self, message: str) -> None:
        """A word from the command itself: a cancel was asked for, the command detaches."""

    def end(self) -> None: ...
