"""`python -m tunesmith.optim.finetune.serving PATH`: one student over HTTP until the process is told to end.

Prints one JSON line, `{"url", "token"}`, once the model is loaded; errors go to stderr, one sentence, exit status 1.
"""

import argparse
import signal
import sys
import threading
from pathlib import Path

import msgspec

from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.serving.backends import backend_of
from tunesmith.optim.finetune.serving.chat_completions import ServedModels
from tunesmith.optim.finetune.serving.http import start_http
from tunesmith.optim.finetune.serving.opening import served_student, student_name


def main(arguments: list[str] | None = None) -> int:
    """The exit status, once a signal ended it; 1 with one sentence on standard error where it cannot be served."""
    parser = argparse.ArgumentParser(prog="python -m tunesmith.optim.finetune.serving", description=__doc__)
    parser.add_argument("path", type=Path, help="the student's folder")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0: a free one")
    parser.add_argument("--token", help="what callers must show; otherwise one is drawn")
    parser.add_argument("--engine", default="auto", choices=["auto", "torch", "ctranslate2", "llama"])
    given = parser.parse_args(arguments)
    folder = given.path.expanduser().resolve()
    try:
        student, served = served_student(folder, given.engine)
        name = student_name(folder, student)
        tasks = {name: 0}
        if student.method == "prompt" and len(student.tasks) > 1:
            tasks = {f"{name}/{task}": number for number, task in enumerate(student.tasks)}
        models = ServedModels(tasks=tasks, max_tokens=student.max_new_tokens)
        server = start_http(backend_of(served), models, port=given.port, token=given.token)
    except (FinetuneError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(msgspec.json.encode({"url": server.api_base, "token": server.token}).decode() + "\n")
    sys.stdout.flush()
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    ending.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
