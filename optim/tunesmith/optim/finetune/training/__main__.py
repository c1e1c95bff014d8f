"""`python -m tunesmith.optim.finetune.training SPEC.json`, also under `accelerate launch -m`.

Events are JSON lines on the standard output the process was started with; whatever else is printed goes to standard
error. Stops softly, with the best weights written, on SIGTERM, or when the standard input was a pipe and ends.
"""

import os
import signal
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from tunesmith.optim.finetune.errors import ExtraMissing, FinetuneError
from tunesmith.optim.finetune.training.messages import Ended, Failed, TrainEvent, TrainSpec

FAILED = 1


def main(arguments: list[str]) -> int:
    """The exit status: 0 with a student, also where it was stopped; 1 after `Failed`; 2 without a file."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)  # noqa: T201 (run by hand, without its file)
        return 2
    events = os.dup(1)
    os.dup2(2, 1)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_watch_parent, args=(stopping,), daemon=True).start()

    def report(event: TrainEvent) -> None:
        _write_all(events, msgspec.json.encode(event) + b"\n")

    spec = msgspec.json.decode(Path(arguments[0]).read_bytes(), type=TrainSpec)
    try:
        ended = _train(spec, report, stopping)
    except FinetuneError as error:
        if _is_main_process():
            report(Failed(message=error.message, next_step=error.next_step, error=type(error).__name__))
        return FAILED
    if _is_main_process():
        report(ended)
    return 0


def _train(spec: TrainSpec, report: Callable[[TrainEvent], None], stopping: threading.Event) -> Ended:
    try:
        import accelerate  # noqa: F401
        import peft  # noqa: F401
        import torch
        import transformers  # noqa: F401
    except ModuleNotFoundError as error:
        raise ExtraMissing(error.name or "torch") from error
    from tunesmith.optim.finetune.training.failures import as_finetune_error
    from tunesmith.optim.finetune.training.student_training import carry_out

    try:
        return carry_out(spec, report, stopping.is_set)
    except (RuntimeError, MemoryError) as error:
        known = as_finetune_error(error, "cuda" if torch.cuda.is_available() else "cpu", spec.settings)
        if known is None:
            raise
        raise known from error


def _is_main_process() -> bool:
    """Of a launch of several; accelerate may not be there to be asked."""
    return os.environ.get("RANK", "0") == "0"


def _watch_parent(stopping: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stopping.set()


def _write_all(descriptor: int, line: bytes) -> None:
    """Nobody listening is no reason to end a training: its parent is gone, and it stops softly."""
    try:
        while line:
            line = line[os.write(descriptor, line) :]
    except BrokenPipeError:
        pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
