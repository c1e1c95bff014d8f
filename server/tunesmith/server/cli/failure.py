"""How a command that failed says so: one sentence to stderr, or a JSON error object to stdout."""

import os
import time
import traceback
from pathlib import Path

from tunesmith.protocol import ProtocolError, UserError
from tunesmith.protocol.errors import UnknownModel
from tunesmith.server.cli.errors import FINDINGS, USAGE, CommandError
from tunesmith.server.client import INTERNAL_ERROR, DaemonRefused, SessionError, state_dir
from tunesmith.server.errors import ServerError
from tunesmith.server.views import complain_of, print_json


def report_failure(error: Exception, *, as_json: bool) -> int:
    """Say what happened and return the exit code."""
    user_error = explain(error)
    if as_json:
        print_json({"error": user_error})
    else:
        complain_of(user_error)
    return exit_code(error)


def exit_code(error: Exception) -> int:
    """What the process returns for an error."""
    match error:
        case CommandError():
            return error.exit_code
        case UnknownModel():
            return USAGE
        case DaemonRefused(code=code):
            return FINDINGS if code == INTERNAL_ERROR else USAGE
        case _:
            return FINDINGS


def explain(error: Exception) -> UserError:
    """An error as its user is shown it; what nobody foresaw goes to the log in full."""
    match error:
        case DaemonRefused():
            return error.error
        case ServerError():
            return error.user_error
        case CommandError() | SessionError() | ProtocolError():
            return UserError(message=str(error))
        case OSError(filename=str(), strerror=str()):
            return UserError(message=f"{error.filename}: {error.strerror}.")
        case _:
            kind = type(error).__name__
            return UserError(
                message=f"Something unexpected happened ({kind}: {error}).",
                next_step=f"Details: {write_details(error)}",
            )


def write_details(error: Exception) -> Path:
    """Append the traceback to the command line's own log, which only this user may read."""
    path = state_dir() / "cli.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as log:
        log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n{''.join(traceback.format_exception(error))}\n")
    return path
