"""Starting or resuming a run and following it: what `evaluate`, `optimize` and `runs resume` share."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from msgspec import structs

from tunesmith.protocol import Budget, OptimizerName, RunStatus, RunSummary
from tunesmith.protocol.session_messages import RootParams, RunDetail, RunRef, RunStarted, StartRun, TargetList
from tunesmith.server.cli.errors import unknown
from tunesmith.server.cli.exit_codes import FINDINGS, OK
from tunesmith.server.cli.following import follow_run
from tunesmith.server.cli.output import complain, print_json, progress_console, result_console
from tunesmith.server.cli.root import find_root
from tunesmith.server.cli.run_choice import choose_run
from tunesmith.server.cli.run_options import PLACE, interpreter, target_under_root
from tunesmith.server.cli.views.json_lines import JsonLines
from tunesmith.server.cli.views.live_progress import LiveProgress
from tunesmith.server.cli.views.plain_lines import PlainLines
from tunesmith.server.cli.views.report import demo_lines, report_lines
from tunesmith.server.cli.views.run_view import RunView
from tunesmith.server.client import DaemonClient

NO_TARGETS = (
    "Declare one in pyproject.toml ([tool.tunesmith.targets.NAME]: program, metric, trainset), "
    "or write an optimizer's compile(program, trainset=…) call."
)

UNDER_WAY: frozenset[RunStatus] = frozenset({"queued", "running"})


def start_and_follow(options: argparse.Namespace, *, optimizer: OptimizerName, keywords: dict[str, Any]) -> int:
    """Raises `UsageError`, `DaemonRefused`, `SessionError`."""
    root = find_root(options.root)
    order = StartRun(
        root=str(root),
        target=target_under_root(options.target, root),
        optimizer=optimizer,
        options=keywords,
        lm=options.lm,
        teacher_lm=getattr(options, "teacher_lm", None),
        budget=Budget(max_calls=options.max_calls, max_usd=options.max_usd, max_seconds=options.max_seconds),
        seed=options.seed,
        threads=options.threads,
        keep_baseline=not getattr(options, "no_keep_baseline", False),
        interpreter=interpreter(options.python),
        confirmed_capture=options.yes_run_script,
    )
    return asyncio.run(_start(options, root, order))


def resume_and_follow(options: argparse.Namespace, root: Path, run: RunSummary) -> int:
    """A run that is going is only followed. Raises `DaemonRefused`, `SessionError`."""

    async def resume() -> int:
        async with DaemonClient.connect() as client:
            started = RunStarted(run_id=run.run_id, run_dir=run.run_dir)
            if run.status not in UNDER_WAY:
                started = await client.request("tunesmith/resumeRun", RunRef(root=str(root), run_id=run.run_id))
            return await _follow(options, client, root, started)

    return asyncio.run(resume())


async def _start(options: argparse.Namespace, root: Path, order: StartRun) -> int:
    async with DaemonClient.connect() as client:
        await _check_target(client, order)
        if options.reuse is not None:
            listed = await client.request("tunesmith/listRuns", RootParams(root=str(root)))
            order = structs.replace(order, reuse_from=choose_run(listed.runs, options.reuse).run_id)
        started = await client.request("tunesmith/startRun", order)
        return await _follow(options, client, root, started)


async def _check_target(client: DaemonClient, order: StartRun) -> None:
    """A name nobody declared is told here, with the names there are; a FILE:LINE is the daemon's to find."""
    if PLACE.fullmatch(order.target):
        return
    listed: TargetList = await client.request("tunesmith/targets", RootParams(root=order.root))
    names = [target.name for target in listed.targets]
    if order.target not in names:
        raise unknown("target", order.target, names, none=NO_TARGETS)


async def _follow(options: argparse.Namespace, client: DaemonClient, root: Path, started: RunStarted) -> int:
    if options.detach:
        if options.json:
            print_json(started)
        else:
            print(started.run_id)
        return OK
    detail = await follow_run(client, root, started, choose_view(as_json=options.json))
    if detail is None:
        complain(
            f"Left while run {started.run_id} is stopping. `tunesmith runs show {started.run_id}` tells how it ended, "
            f"`tunesmith runs resume {started.run_id}` goes on with it."
        )
        return FINDINGS
    return tell_end(detail, as_json=options.json)


def choose_view(*, as_json: bool) -> RunView:
    if as_json:
        return JsonLines()
    return LiveProgress() if progress_console().is_terminal and sys.stdout.isatty() else PlainLines()


def tell_end(detail: RunDetail, *, as_json: bool) -> int:
    """The report as the last line of JSON, or for people; the error where the run has one."""
    summary = detail.summary
    if as_json:
        print_json(summary.report if summary.report is not None else {"error": summary.error, "run_id": summary.run_id})
    elif summary.report is not None:
        console = result_console()
        lines = report_lines(summary.report)
        if detail.artifact is not None and detail.artifact.demos:
            lines += ["", *demo_lines(detail.artifact.demos)]
        for line in lines:
            console.print(line, soft_wrap=True)
    if summary.error is not None and not as_json:
        complain(str(summary.error))
        if summary.error.traceback:
            complain(summary.error.traceback.rstrip())
    return OK if summary.status == "finished" else FINDINGS
