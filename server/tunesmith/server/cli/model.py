"""`tunesmith model`: the language models that run on this machine."""

import argparse

from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from tunesmith.server.cli.exit_codes import OK
from tunesmith.server.cli.options import add_json
from tunesmith.server.cli.output import print_json, print_lines, progress_console
from tunesmith.server.cli.views.tables import table_lines
from tunesmith.server.models import ModelState, list_models, pull_model


def define(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    pull = actions.add_parser("pull", help="fetch a model once", description="Fetch a model once, and check it.")
    pull.add_argument("name", metavar="NAME", help="see `tunesmith model list`")
    add_json(pull)
    add_json(actions.add_parser("list", help="list models", description="List models, and which are fetched."))


def run(options: argparse.Namespace) -> int:
    return pull_one(options) if options.action == "pull" else print_models(options)


def pull_one(options: argparse.Namespace) -> int:
    """Raises `UnknownModel`, `PullError`."""
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=progress_console(), transient=True) as bar:
        # Without a total: a model that is there already is only checked.
        task = bar.add_task(options.name, total=None)
        path = pull_model(options.name, lambda done, total: bar.update(task, completed=done, total=total))
    if options.json:
        print_json(next(model for model in list_models() if model.path == str(path)))
    else:
        print(f'{options.name} is at {path}. Use it as lm = "local/{options.name.removeprefix("local/")}".')
    return OK


def print_models(options: argparse.Namespace) -> int:
    models = list_models()
    if options.json:
        print_json({"models": models})
    else:
        print_lines(models_table(models))
    return OK


def models_table(models: list[ModelState]) -> list[str]:
    rows = [("model", "state", "size", "licence", "what it is", "path")]
    for model in models:
        rows.append((model.name, model.state, f"{model.megabytes} MB", model.licence, model.title, model.path))
    return table_lines(rows)
