"""`tunesmith runs`: what was started in this workspace."""

import argparse
from collections.abc import Iterable

from tunesmith.protocol.session_messages import RootParams, RunDetail, RunRef, ShowRun
from tunesmith.server.cli.arguments import find_root
from tunesmith.server.cli.ask import ask, ask_for_run
from tunesmith.server.cli.errors import OK, UsageError
from tunesmith.server.cli.options import add_json, add_root, not_negative
from tunesmith.server.cli.run_command import resume_and_follow
from tunesmith.server.text import describe_missing_search
from tunesmith.server.views import (
    detail_lines,
    effects_lines,
    example_lines,
    print_json,
    print_lines,
    runs_table,
)


def define(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name != "list":
            action.add_argument("run", metavar="RUN", help="a run's id, the beginning or end of one, or `latest`")
        if name == "show":
            action.add_argument(
                "--features",
                action="store_true",
                help="what the search learnt: the effect of every property of instructions, of every instruction and "
                "demo set, and what it expects of combinations never tried",
            )
            action.add_argument(
                "--example",
                type=not_negative,
                metavar="N",
                help="every step on one example of the data: inputs, reasoning, outputs, prompts, completions, tools",
            )
        if name == "resume":
            action.add_argument("--detach", action="store_true", help="do not wait for its end")
        add_root(action)
        add_json(action)


ACTIONS = {
    "list": "list runs, the newest first",
    "show": "show how a run ended, its candidates, its instructions and demos and why they were chosen",
    "resume": "go on with a run that was interrupted, without repeating a call that was answered",
    "cancel": "stop a run; it keeps the best program so far",
}


def run(options: argparse.Namespace) -> int:
    return {"list": list_runs, "show": show_run, "resume": resume_run, "cancel": cancel_run}[options.action](options)


def list_runs(options: argparse.Namespace) -> int:
    answer = ask("tunesmith/listRuns", RootParams(root=str(find_root(options.root))))
    if options.json:
        print_json(answer)
    elif answer.runs:
        print_lines(runs_table(answer.runs))
    else:
        print("No run was started in this workspace yet. Start one with `tunesmith optimize TARGET`.")
    return OK


def show_run(options: argparse.Namespace) -> int:
    root = find_root(options.root)
    chosen = ask_for_run(root, options.run)
    detail = ask("tunesmith/showRun", ShowRun(root=str(root), run_id=chosen.run_id, example=options.example))
    if options.example is not None and not detail.rollouts:
        raise UsageError(f"Run {chosen.run_id} has no rollout of example {options.example}.")
    if options.json:
        print_json(detail)
        return OK
    print_lines(_shown(options, detail))
    return OK


def _shown(options: argparse.Namespace, detail: RunDetail) -> Iterable[str]:
    if options.features:
        return effects_lines(detail.search) if detail.search is not None else [describe_missing_search(detail.summary)]
    return detail_lines(detail) if options.example is None else example_lines(detail)


def resume_run(options: argparse.Namespace) -> int:
    root = find_root(options.root)
    return resume_and_follow(options, root, ask_for_run(root, options.run))


def cancel_run(options: argparse.Namespace) -> int:
    root = find_root(options.root)
    chosen = ask_for_run(root, options.run)
    ask("tunesmith/cancelRun", RunRef(root=str(root), run_id=chosen.run_id))
    if options.json:
        print_json({"run_id": chosen.run_id})
    else:
        print(f"{chosen.run_id} stops after what is in flight and keeps the best program so far.")
    return OK
