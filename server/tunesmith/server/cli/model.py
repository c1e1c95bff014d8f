"""`tunesmith model`: the language models that run on this machine, and what is done with finetuned ones."""

import argparse

from msgspec import MsgspecError, Struct
from msgspec.json import decode
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from tunesmith.server.cli.errors import OK
from tunesmith.server.cli.options import add_json, add_root, not_negative
from tunesmith.server.cli.student_command import follow, print_now, student_command
from tunesmith.server.model_download import ModelState, list_models, pull_model
from tunesmith.server.views import print_json, print_lines, progress_console, table_lines


def define(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    pull = actions.add_parser("pull", help="fetch a model once", description="Fetch a model once, and check it.")
    pull.add_argument("name", metavar="NAME", help="see `tunesmith model list`")
    add_json(pull)
    add_json(actions.add_parser("list", help="list models", description="List models, and which are fetched."))
    serve = actions.add_parser(
        "serve",
        help="answer over HTTP with a finetuned model",
        description="Answer over HTTP with a finetuned model, as OpenAI does, on this machine alone, until Ctrl-C.",
    )
    add_student(serve)
    serve.add_argument("--port", type=not_negative, metavar="PORT", help="by default a free one")
    serve.add_argument("--token", metavar="TOKEN", help="what clients must show; by default a new one is made")
    serve.add_argument(
        "--engine",
        choices=["auto", "torch", "ctranslate2", "llama"],
        help="what computes; by default what was exported, else torch",
    )
    export = actions.add_parser(
        "export",
        help="write a finetuned model in another format",
        description="Write a finetuned model in another format: a merged Hugging Face folder, CTranslate2, or GGUF.",
    )
    add_student(export)
    export.add_argument("--format", choices=["hf", "ctranslate2", "gguf"], required=True)
    export.add_argument("--out", metavar="PATH", help="where to; by default beside the student")


def add_student(parser: argparse.ArgumentParser) -> None:
    """Which student, and what it is run with."""
    parser.add_argument("path", metavar="PATH", help="a student's folder, such as compiled/TARGET-student")
    parser.add_argument("--python", metavar="PYTHON", help="the interpreter that has torch; by default the workspace's")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Raises what the actions raise."""
    return ACTIONS[options.action](options)


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
    """Each with whether it is fetched, and where it lies or would."""
    rows = [("model", "state", "size", "licence", "what it is", "path")]
    for model in models:
        rows.append((model.name, model.state, f"{model.megabytes} MB", model.licence, model.title, model.path))
    return table_lines(rows)


def serve(options: argparse.Namespace) -> int:
    """Raises `UsageError`, `InterpreterUnusable`."""
    words = [] if options.port is None else ["--port", str(options.port)]
    words += [] if options.token is None else ["--token", options.token]
    words += [] if options.engine is None else ["--engine", options.engine]
    command = student_command("serving", options.path, words, root=options.root, python=options.python)
    return follow(command, print_now if options.json else print_address)


def print_address(line: str) -> None:
    try:
        place = decode(line, type=Served)
    except MsgspecError:
        print_now(line)
        return
    print_now(f"url     {place.url}\ntoken   {place.token}\n\nAn OpenAI client takes both. Ctrl-C ends it.\n")


class Served(Struct, frozen=True):
    """What the server says once it listens."""

    url: str
    token: str


def export(options: argparse.Namespace) -> int:
    """Raises `UsageError`, `InterpreterUnusable`."""
    words = ["--format", options.format, *([] if options.out is None else ["--out", options.out])]
    command = student_command("export", options.path, words, root=options.root, python=options.python)
    return follow(command, print_path if options.json else print_now)


def print_path(line: str) -> None:
    print_json({"path": line.strip()})


ACTIONS = {"pull": pull_one, "list": print_models, "serve": serve, "export": export}
