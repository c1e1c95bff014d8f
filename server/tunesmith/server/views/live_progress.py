"""A run drawn in place on a terminal: what it is doing, how far, the score so far, and what it has spent."""

import time

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from tunesmith.protocol import (
    BatchClosed,
    CandidateScored,
    DevScored,
    EventRecord,
    Progressed,
    StatusChanged,
    Totals,
    TrainingStarted,
    TrainingStep,
)
from tunesmith.protocol.session_messages import RunStarted
from tunesmith.server.text import (
    SEARCHING,
    describe_batch_briefly,
    describe_dev_score_briefly,
    describe_event,
    describe_score,
    describe_seconds,
    describe_spending,
    describe_step_briefly,
)
from tunesmith.server.views.output import progress_console


class LiveProgress:
    """A `RunView` for a terminal, on stderr."""

    def __init__(self) -> None:
        self._console = progress_console()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            console=self._console,
            expand=True,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._began = time.monotonic()
        self._score = ""
        self._dev = ""
        self._spent = ""
        self._live = Live(console=self._console, refresh_per_second=8, transient=True, get_renderable=self._draw)

    def begin(self, run: RunStarted) -> None:
        self._console.print(f"run {run.run_id}")
        self._live.start()

    def show(self, record: EventRecord) -> None:
        event = record.event
        if isinstance(event, Progressed):
            self._bar.update(self._task, description=event.phase, completed=event.done, total=event.total)
            return
        if isinstance(event, BatchClosed):
            self._bar.update(self._task, description=SEARCHING, completed=event.rollouts, total=event.ceiling)
            self._score = describe_batch_briefly(event)
            return
        if isinstance(event, TrainingStep):
            self._bar.update(
                self._task, description=f"training {event.student}", completed=event.step, total=event.steps
            )
            self._score = ", ".join(part for part in (describe_step_briefly(event), self._dev) if part)
            return
        if isinstance(event, DevScored):
            self._dev = describe_dev_score_briefly(event)
            return
        if isinstance(event, TrainingStarted):
            self._dev = ""
        if isinstance(event, CandidateScored):
            self._score = f"{event.name} {describe_score(event.score)}"
        if isinstance(event, StatusChanged) and event.reason is None:
            self._bar.update(self._task, description=event.status)
            return
        self._console.print(describe_event(event), soft_wrap=True)

    def show_totals(self, totals: Totals) -> None:
        self._spent = describe_spending(totals)

    def note(self, message: str) -> None:
        self._console.print(message, soft_wrap=True)

    def end(self) -> None:
        self._live.stop()

    def _draw(self) -> Group:
        elapsed = describe_seconds(time.monotonic() - self._began)
        return Group(self._bar, Text("  " + " · ".join(part for part in (self._score, self._spent, elapsed) if part)))
