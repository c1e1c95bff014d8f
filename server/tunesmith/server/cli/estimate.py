"""`tunesmith estimate`: what tuning a target would cost, before anything is spent."""

import argparse
import asyncio
from pathlib import Path

from msgspec import structs

from tunesmith.protocol.session_messages import RunDetail, StartRun
from tunesmith.server.cli.arguments import find_root
from tunesmith.server.cli.errors import FINDINGS, OK, USAGE, UsageError
from tunesmith.server.cli.following import follow_run
from tunesmith.server.cli.options import add_execution, add_limits, add_models, add_target
from tunesmith.server.cli.run_command import make_order, settle_target
from tunesmith.server.cli.student_command import finetune_command, follow, print_now
from tunesmith.server.cli.tuning_options import add_tuning_options, tuning_keywords
from tunesmith.server.client import DaemonClient
from tunesmith.server.text import explain_missing_estimate
from tunesmith.server.views import QuietLines, complain_of, estimate_lines, print_json, print_lines


def define(parser: argparse.ArgumentParser) -> None:
    add_target(parser, optional=True)
    parser.add_argument(
        "--claims",
        action="store_true",
        help="instead: what was first claimed of finetuning T5-base, beside what tunesmith works out",
    )
    add_models(parser, tuning=True)
    add_tuning_options(parser)
    add_limits(parser)
    add_execution(parser, spends=False)


def run(options: argparse.Namespace) -> int:
    """The program is imported, as a run would; no language model is called.

    Raises `UsageError`, `DaemonRefused`, `SessionError`, `InterpreterUnusable`.
    """
    root = find_root(options.root)
    if options.claims:
        return follow(finetune_command("forecast", ["--json"] * options.json, root, options.python), print_now)
    if options.target is None:
        raise UsageError("the following arguments are required: TARGET. See `tunesmith estimate --help`.")
    order = make_order(options, root, optimizer=options.optimizer, keywords=tuning_keywords(options))
    return asyncio.run(_estimate(options, root, structs.replace(order, estimate_only=True)))


async def _estimate(options: argparse.Namespace, root: Path, order: StartRun) -> int:
    async with DaemonClient.connect() as client:
        agreed = await settle_target(options, client, order)
        if agreed is None:
            return USAGE
        started = await client.request("tunesmith/startRun", agreed)
        detail = await follow_run(client, root, started, QuietLines())
    return FINDINGS if detail is None else report_estimate(detail, as_json=options.json)


def report_estimate(detail: RunDetail, *, as_json: bool) -> int:
    """The estimate, or why there is none."""
    report = detail.summary.report
    if report is None or report.estimate is None:
        error = explain_missing_estimate(detail.summary)
        if as_json:
            print_json({"error": error})
        else:
            complain_of(error)
        return FINDINGS
    if as_json:
        print_json(report.estimate)
    else:
        print_lines(estimate_lines(report.estimate, report.target))
    return OK
