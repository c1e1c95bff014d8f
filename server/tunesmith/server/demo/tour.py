"""`tunesmith demo`: the whole way on the bundled example and the embedded model, driven as an editor drives it.

Everything happens in folders of its own: the user's daemon, runs and caches are not touched.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from tunesmith.protocol import DEFAULT_OPTIMIZER, RunReport, Tuner, encode
from tunesmith.protocol.models import find_model, is_fetched
from tunesmith.protocol.session_messages import RunDetail, ShowRun
from tunesmith.server.demo.daemon_apart import daemon_apart
from tunesmith.server.demo.editor import DemoEditor, open_editor
from tunesmith.server.demo.tours import TOURS, Tour
from tunesmith.server.demo.workspace_copy import copy_workspace
from tunesmith.server.model_download import pull_model
from tunesmith.server.text import describe_outcome
from tunesmith.server.views import demo_lines, finetune_lines, instruction_lines, report_lines

MODEL = "smollm2-135m"


def run_tour(seed: int, workspace_dir: Path | None, json: bool, tuner: Tuner = DEFAULT_OPTIMIZER.name) -> int:
    """Tune the example and show every step; with `json`, print the run's report and nothing else.

    `workspace_dir`: where the copy of the example goes (a new folder); None: among the temporary files. Either way
    it stays. Returns 0 for a confirmed gain, else 1. Raises `PullError`, `FolderInUse`, `OSError`.
    """
    console = Console(quiet=json, highlight=False, markup=False, emoji=False, soft_wrap=True)
    _fetch_model(console)
    root = (workspace_dir or Path(tempfile.mkdtemp(prefix="tunesmith-demo-")) / "bike-desk").resolve()
    copy_workspace(root, seed)
    tour = TOURS[tuner]
    text = (root / tour.source).read_text(encoding="utf-8")
    with daemon_apart(root) as environment:
        report = asyncio.run(_show(tour, root, text, environment, seed, console))
    if json:
        sys.stdout.write((encode(report).decode() if report else "null") + "\n")
    return 0 if report is not None and report.gain is not None and report.gain.verdict == "confirmed" else 1


def _fetch_model(console: Console) -> None:
    model = find_model(MODEL)
    if is_fetched(model):
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, disable=console.quiet) as bar:
        task = bar.add_task(f"fetching {model.title}", total=model.download_size)
        pull_model(MODEL, lambda done, total: bar.update(task, completed=done, total=total))


async def _show(
    tour: Tour, root: Path, text: str, environment: Mapping[str, str], seed: int, console: Console
) -> RunReport | None:
    """`text`: of the source the editor opens."""
    console.print(f"The example: {root}\n")
    bar = _RunBar(console)
    async with open_editor(environment, bar.show) as editor:
        await editor.open(root, root / tour.source, text)
        detail = await _tune(tour, editor, root, seed, console, bar)
        await _show_result(tour, editor, root, detail, console)
    report = detail.summary.report
    if report is not None and report.gain is not None:
        console.print(f"\n{describe_outcome(report)}")
    return report


async def _tune(tour: Tour, editor: DemoEditor, root: Path, seed: int, console: Console, bar: "_RunBar") -> RunDetail:
    lenses = [lens.command for lens in await editor.lenses() if lens.command is not None]
    console.print(f"An editor opens {tour.source} and shows: {' | '.join(lens.title for lens in lenses)}")
    tune = next(lens for lens in lenses if lens.command == "tunesmith.tune")
    with bar:
        named = {"optimizer": tour.optimizer, "model": tour.model}
        started = await editor.execute(
            tune,
            seed=seed,
            options=tour.options,
            budget=msgspec.to_builtins(tour.budget),
            interpreter=sys.executable,
            **{name: value for name, value in named.items() if value is not None},
        )
        await editor.progress_end()
    params = ShowRun(root=str(root), run_id=started["run_id"])
    return await editor.request("tunesmith/showRun", params, RunDetail)


async def _show_result(tour: Tour, editor: DemoEditor, root: Path, detail: RunDetail, console: Console) -> None:
    for message in editor.messages:
        console.print(f"The editor says: {message}")
    report, artifact = detail.summary.report, detail.artifact
    if artifact is not None:
        if artifact.instructions:
            console.print("\nThe new instructions, and why:")
            for line in instruction_lines(artifact.instructions):
                console.print(f"  {line}")
        if artifact.demos:
            console.print("\nThe demonstrations chosen, and why:")
            for line in demo_lines(artifact.demos):
                console.print(f"  {line}")
        diagnostic = await editor.diagnostic("improvement-available")
        console.print(f"\n{tour.source}:{diagnostic.range.start.line + 1}: {diagnostic.message}")
        preferred, *others = await editor.actions(diagnostic)
        console.print(f"\nThe code action “{preferred.title}” would do this:")
        console.print(await editor.preview(preferred, root))
        for action in others:
            console.print(f"Also offered: “{action.title}”")
        console.print()
    if report is not None:
        lines = report_lines(report)
        if report.finetune is not None:
            lines += ["", *finetune_lines(report.finetune)]
        for line in lines:
            console.print(line)


class _RunBar:
    """The editor's progress bar on a terminal; in a log, a line for each phase."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase = ""
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal or console.quiet)

    def __enter__(self) -> "_RunBar":
        self._bar.start()
        self._task = self._bar.add_task("starting", total=100)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, message: str, percentage: int) -> None:
        self._bar.update(self._task, description=message, completed=percentage)
        phase = re.split(r"[\d,]", message)[0].strip()
        if phase != self._phase and not self._console.is_terminal:
            self._console.print(f"  {message}")
        self._phase = phase
