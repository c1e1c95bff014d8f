"""What went wrong in user code, told in the user's terms: their frames, their line, the next step."""

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from dspy.utils.exceptions import LMError

from tunesmith.optim.errors import OptimError, RunError
from tunesmith.optim.rollouts import is_transient
from tunesmith.optim.target_loading import file_and_line, is_user_file
from tunesmith.optim.worker.redaction import redact
from tunesmith.protocol import ProtocolError, UserError

LONGEST_MESSAGE = 2000
MOST_FRAMES = 20
"""The innermost ones; a recursion has a thousand."""
OUTAGE = "See that the model's endpoint answers, then resume the run: what it has paid for is kept."


def describe_failure(error: BaseException, root: Path) -> UserError:
    """The error as its user should see it, without credentials.

    `where` and `traceback` hold frames of the workspace only; where there are none, the whole traceback, because then
    the fault is not the user's.
    """
    if isinstance(error, RunError):
        return _without_secrets(error.error)
    if isinstance(error, OptimError | ProtocolError):
        # Ours, and complete: what failed, where, and the next step.
        where = getattr(error, "where", None)
        return _without_secrets(UserError(message=str(error).removeprefix(f"{where}: "), where=where))
    if isinstance(error, LMError) or is_transient(error):
        return _without_secrets(UserError(message=_message(error), next_step=OUTAGE))
    frames = [frame for frame in _frames(error) if is_user_file(frame.filename, root)]
    where = _where(error, frames, root)
    if where is None:
        text = "".join(traceback.format_exception(error))
    else:
        shown = traceback.StackSummary.from_list(frames[-MOST_FRAMES:])
        text = "".join(["Traceback (your code only):\n", *shown.format(), *traceback.format_exception_only(error)])
    described = UserError(
        message=_message(error), where=where, next_step=_next_step(error, where is not None), traceback=text
    )
    return _without_secrets(described)


def _frames(error: BaseException) -> Iterator[traceback.FrameSummary]:
    """Frames from outermost to innermost; what the error was raised from comes last, as it is where it began."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__
    for link in chain:
        yield from traceback.extract_tb(link.__traceback__)


def _where(error: BaseException, frames: list[traceback.FrameSummary], root: Path) -> str | None:
    if isinstance(error, SyntaxError) and error.filename and is_user_file(error.filename, root):
        return file_and_line(error.filename, error.lineno or 1, root)
    if not frames:
        return None
    return file_and_line(frames[-1].filename, frames[-1].lineno or 1, root)


def _message(error: BaseException) -> str:
    match error:
        case SystemExit():
            return f"The code called sys.exit({error.code!r})."
        case KeyboardInterrupt():
            return "The code was interrupted."
        case SyntaxError():
            return f"{type(error).__name__}: {error.msg}"
        case RecursionError():
            return f"RecursionError: {error}. The code calls itself without end."
    text = str(error).strip()
    notes = "; ".join(getattr(error, "__notes__", []))
    message = (f"{type(error).__name__}: {text}" if text else type(error).__name__)[:LONGEST_MESSAGE]
    return f"{message} ({notes})" if notes else message


def _next_step(error: BaseException, is_users: bool) -> str:
    if not is_users and not isinstance(error, SystemExit | ModuleNotFoundError):
        return "None of your code was running; please report this with the traceback."
    match error:
        case ModuleNotFoundError(name=str(name)):
            package = name.partition(".")[0]
            return (
                f"Install {package} for {sys.executable}, or name the environment that has it: "
                "`[tool.tunesmith] interpreter`."
            )
        case SystemExit():
            return 'Move what should only run as a script under `if __name__ == "__main__":`.'
        case EOFError():
            return "There is nobody to ask: `input()` reads nothing here. Use an argument or a default."
        case SyntaxError():
            return "Mend it, then start the run again."
    return "Mend the code at that line, then start the run again."


def _without_secrets(error: UserError) -> UserError:
    return UserError(
        message=redact(error.message),
        where=error.where,
        next_step=error.next_step,
        traceback=redact(error.traceback) if error.traceback is not None else None,
    )
