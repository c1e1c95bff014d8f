"""Starting or resuming a run and following it: what `evaluate`, `optimize`, `estimate` and `runs resume` share."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from msgspec import structs

from tunesmith.protocol import LIVE_STATUSES, Budget, OptimizerName, RunSummary
from tunesmith.protocol.session_messages import (
    RootParams,
    RunDetail,
    RunRef,
    RunStarted,
    ShowRun,
    StartRun,
    TargetInfo,
    TargetList,
)
from tunesmith.server.cli.arguments import (
    COMPILE_CALL,
    NO_TARGETS,
    choose_run,
    find_root,
    interpreter,
    target_under_root,
)
from tunesmith.server.cli.errors import FINDINGS, OK, USAGE, UsageError, unknown
from tunesmith.server.cli.following import follow_run, last_rest, report_end
from tunesmith.server.cli.tuning_options import check_fits
from tunesmith.server.client import DaemonClient
from tunesmith.server.views import JsonLines, LiveProgress, PlainLines, RunView, complain, print_json, progress_console


def start_and_follow(options: argparse.Namespace, *, optimizer: OptimizerName | None, keywords: dict[str, Any]) -> int:
    """`optimizer` None: the target's own. Raises `UsageError`, `DaemonRefused`, `SessionError`."""
    root = find_root(options.root)
    return asyncio.run(_start(options, root, make_order(options, root, optimizer=optimizer, keywords=keywords)))


def make_order(
    options: argparse.Namespace, root: Path, *, optimizer: OptimizerName | None, keywords: dict[str, Any]
) -> StartRun:
    """What the words on the command line ask for. Raises `UsageError`."""
    if optimizer is not None:
        check_fits(options, optimizer)
    return StartRun(
        root=str(root),
        target=target_under_root(options.target, root),
        optimizer=optimizer,
        options=keywords,
        lm=options.lm,
        teacher_lm=getattr(options, "teacher_lm", None),
        prompt_lm=getattr(options, "prompt_lm", None),
        model=getattr(options, "model", None),
        budget=Budget(max_calls=options.max_calls, max_usd=options.max_usd, max_seconds=options.max_seconds),
        seed=options.seed,
        threads=options.threads,
        keep_baseline=not getattr(options, "no_keep_baseline", False),
        interpreter=interpreter(options.python),
        confirmed_capture=options.yes_run_script,
        arguments=options.script_args,
    )


def resume_and_follow(options: argparse.Namespace, root: Path, run: RunSummary) -> int:
    """A run that is going is only followed. Raises `DaemonRefused`, `SessionError`."""

    async def resume() -> int:
        async with DaemonClient.connect() as client:
            known: RunDetail = await client.request("tunesmith/showRun", ShowRun(root=str(root), run_id=run.run_id))
            started = RunStarted(run_id=run.run_id, run_dir=run.run_dir)
            if run.status not in LIVE_STATUSES:
                started = await client.request("tunesmith/resumeRun", RunRef(root=str(root), run_id=run.run_id))
            return await _follow(options, client, root, started, after=last_rest(known.events))

    return asyncio.run(resume())


async def _start(options: argparse.Namespace, root: Path, order: StartRun) -> int:
    async with DaemonClient.connect() as client:
        agreed = await settle_target(options, client, order)
        if agreed is None:
            return USAGE
        if options.reuse is not None:
            listed = await client.request("tunesmith/listRuns", RootParams(root=str(root)))
            agreed = structs.replace(agreed, reuse_from=choose_run(listed.runs, options.reuse).run_id)
        started = await client.request("tunesmith/startRun", agreed)
        return await _follow(options, client, root, started)


async def settle_target(options: argparse.Namespace, client: DaemonClient, order: StartRun) -> StartRun | None:
    """The order with what depends on its target; None where the user does not agree to run its script.

    Raises `UsageError`, `DaemonRefused`, `SessionError`.
    """
    target = await _find_target(client, order)
    if target is None:
        return order
    if order.optimizer is None and target.optimizer is not None:
        check_fits(options, target.optimizer)
    if target.importable or order.confirmed_capture:
        return order
    if not agrees_to_run_script(target, as_json=options.json):
        return None
    return structs.replace(order, confirmed_capture=True)


def agrees_to_run_script(target: TargetInfo, *, as_json: bool) -> bool:
    """Ask on a terminal: everything else reads programs without executing them.

    Raises `UsageError` where nobody can answer.
    """
    place = f"{target.file}:{target.line}"
    if as_json or not sys.stdin.isatty():
        raise UsageError(
            f"{place}: the arguments of this compile call are local variables, so its script has to run up to the "
            "call. Agree with --yes-run-script, or name program, metric and data in pyproject.toml."
        )
    print(f"The arguments of the compile call at {place} are local variables.", file=sys.stderr)
    print(f"Run {target.file} up to that call? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


async def _find_target(client: DaemonClient, order: StartRun) -> TargetInfo | None:
    """None for a FILE:LINE that no listed target has: the daemon says what is there. Raises `UsageError`."""
    listed: TargetList = await client.request("tunesmith/targets", RootParams(root=order.root))
    for target in listed.targets:
        if order.target in (target.name, f"{target.file}:{target.line}"):
            return target
    if COMPILE_CALL.fullmatch(order.target):
        return None
    raise unknown("target", order.target, [target.name for target in listed.targets], none=NO_TARGETS)


async def _follow(
    options: argparse.Namespace, client: DaemonClient, root: Path, started: RunStarted, *, after: int = 0
) -> int:
    if options.detach:
        if options.json:
            print_json(started)
        else:
            print(started.run_id)
        return OK
    detail = await follow_run(client, root, started, choose_view(as_json=options.json), after=after)
    if detail is None:
        complain(
            f"Left while run {started.run_id} is stopping. `tunesmith runs show {started.run_id}` tells how it ended, "
            f"`tunesmith runs resume {started.run_id}` goes on with it."
        )
        return FINDINGS
    return report_end(detail, as_json=options.json)


def choose_view(*, as_json: bool) -> RunView:
    """JSON, a drawing on a terminal, or plain lines."""
    if as_json:
        return JsonLines()
    return LiveProgress() if progress_console().is_terminal and sys.stdout.isatty() else PlainLines()
