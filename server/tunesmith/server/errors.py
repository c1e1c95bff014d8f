"""Errors of the daemon.

ServerError                    has a message, a place and a next step, and becomes a `UserError` on the wire
├── WorkspaceUntrusted         the client's workspace is not trusted, so none of its code may run
├── CaptureUnconfirmed         the target's script would have to run up to its `compile` call; the user has not agreed
├── InterpreterUnusable        no Python interpreter was found, or the one asked for cannot run a worker
├── RunUnknown                 there is no such run in this workspace
├── RunUnreadable              the run's folder is there and its store cannot be read
├── RunBusy                    the run is queued or running already, here or in another process
├── RunFinished                a finished run cannot be resumed
├── NothingToShip              the run has no artifact
├── EditRefused                the source cannot take the artifact as it stands
├── ServiceStopped             the run service is not running
├── StateOwned                 another daemon works in this state folder
└── StateUnwritable            the state folder cannot be written
"""

from pathlib import Path

from tunesmith.protocol import UserError


class ServerError(Exception):
    """Base of what the daemon says to a user on purpose. `user_error` is what clients get of it."""

    def __init__(
        self, message: str, *, next_step: str | None = None, where: str | None = None, traceback: str | None = None
    ) -> None:
        self.user_error = UserError(message=message, where=where, next_step=next_step, traceback=traceback)
        super().__init__(str(self.user_error))


class WorkspaceUntrusted(ServerError):
    """The client's workspace is not trusted, so none of its code may run."""

    def __init__(self, root: str) -> None:
        super().__init__(
            f"{root} is not trusted, and a run would execute its code.",
            next_step="Trust the workspace in the editor, then start the run again.",
        )


class CaptureUnconfirmed(ServerError):
    """The target's script would have to run up to its `compile` call; the user has not agreed."""

    def __init__(self, where: str) -> None:
        super().__init__(
            "The arguments of this `compile` call are made while its script runs, so the script has to run up to it.",
            where=where,
            next_step="Agree to that (`--yes-run-script` on the command line), "
            "or name the program, metric and data under [tool.tunesmith.targets] instead.",
        )


class InterpreterUnusable(ServerError):
    """No Python interpreter was found, or the one asked for cannot run a worker."""

    def __init__(self, interpreter: str, reason: str, next_step: str, *, traceback: str | None = None) -> None:
        super().__init__(f"{interpreter} {reason}.", next_step=next_step, traceback=traceback)


class RunUnknown(ServerError):
    """There is no such run in this workspace."""

    def __init__(self, run_id: str, root: Path) -> None:
        super().__init__(f"There is no run {run_id} in {root}.", next_step="`tunesmith runs list` shows them all.")


class RunUnreadable(ServerError):
    """The run's folder is there and its store cannot be read."""

    def __init__(self, run_id: str, reason: str) -> None:
        super().__init__(
            f"Run {run_id} cannot be read ({reason}).", next_step="Start the run again; a corrupt store is kept aside."
        )


class RunBusy(ServerError):
    """The run is queued or running already, here or in another process."""

    def __init__(self, run_id: str, status: str) -> None:
        super().__init__(
            f"Run {run_id} is {status}.", next_step=f"Wait for it, or stop it with `tunesmith runs cancel {run_id}`."
        )


class RunFinished(ServerError):
    """A finished run cannot be resumed."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"Run {run_id} has finished.", next_step=f"`tunesmith runs show {run_id}` shows its result.")


class NothingToShip(ServerError):
    """The run has no artifact."""

    def __init__(self, run_id: str, status: str) -> None:
        super().__init__(
            f"Run {run_id} is {status} and has no compiled program.",
            next_step=f"`tunesmith runs show {run_id}` says why.",
        )


class EditRefused(ServerError):
    """The source cannot take the artifact as it stands."""


class ServiceStopped(ServerError):
    """The run service is not running."""

    def __init__(self) -> None:
        super().__init__("The daemon is stopping and takes no more runs.", next_step="Start it again.")


class StateOwned(ServerError):
    """Another daemon works in this state folder."""

    def __init__(self, state_dir: Path) -> None:
        super().__init__(
            f"Another tunesmith daemon works in {state_dir}.",
            next_step="Stop it with `tunesmith daemon stop`, or let it serve you.",
        )


class StateUnwritable(ServerError):
    """The state folder cannot be written."""

    def __init__(self, state_dir: Path, reason: str) -> None:
        super().__init__(
            f"{state_dir} cannot be written ({reason}), so no run can be queued.",
            next_step="Free space there or make it writable, then start the daemon again.",
        )
