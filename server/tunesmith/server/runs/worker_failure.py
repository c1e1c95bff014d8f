"""Why a worker gave no result, as an error a user can act on."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from tunesmith.protocol import PROTOCOL_VERSION, RunSpec, UserError
from tunesmith.protocol.worker_messages import RpcError, WorkerReady
from tunesmith.server.runs.probe import explain_unfit, install_command, probe_interpreter
from tunesmith.server.text import describe_exit


class MissingRequirement(Struct, frozen=True, kw_only=True):
    """`error.data` of a worker that cannot work in its interpreter."""

    missing: str
    found: str | None
    install: str


async def explain_no_start(
    spec: RunSpec, environment: Mapping[str, str], *, exit_code: int | None, stderr: str
) -> UserError:
    """The worker ended, or never began, before it said hello. `exit_code` None: it could not be started at all."""
    trouble = explain_unfit(spec.interpreter, await probe_interpreter(spec.interpreter, environment))
    if trouble is not None:
        what, next_step = trouble
        return UserError(message=f"{spec.interpreter} {what}.", next_step=next_step)
    how = "could not be started" if exit_code is None else f"ended with {describe_exit(exit_code)} before it began"
    return UserError(
        message=f"The worker of {spec.interpreter} {how}.",
        next_step=f"See whether `'{spec.interpreter}' -m tunesmith.optim.worker` starts by hand.",
        traceback=stderr or None,
    )


def explain_silence(spec: RunSpec, seconds: float, stderr: str) -> UserError:
    """The worker did not say hello within so many seconds. `stderr`: the end of what it wrote there."""
    return UserError(
        message=f"The worker of {spec.interpreter} did not answer within {seconds:g} seconds of its start.",
        next_step=f"See whether `'{spec.interpreter}' -m tunesmith.optim.worker` starts by hand.",
        traceback=stderr or None,
    )


def explain_death(spec: RunSpec, exit_code: int, stderr: str) -> UserError:
    """The worker ended in the middle of its run."""
    return UserError(
        message=f"The worker ended without a result: {describe_exit(exit_code)}.",
        next_step=f"What it had committed is kept: `tunesmith runs resume {spec.run_id}` goes on from there.",
        traceback=stderr or None,
    )


def explain_refusal(spec: RunSpec, error: RpcError) -> UserError:
    """The worker answered with an error; a structured one says it best itself."""
    try:
        lacking = msgspec.convert(error.data, MissingRequirement)
    except msgspec.ValidationError:
        return UserError(
            message=f"The worker of {spec.interpreter} refused the run: {error.message}",
            next_step="The daemon's log (`tunesmith daemon logs`) may say more.",
        )
    what = (
        f"has {lacking.missing} {lacking.found}, which tunesmith cannot use"
        if lacking.found
        else (f"has no {lacking.missing} installed")
    )
    return UserError(message=f"{spec.interpreter} {what}.", next_step=f"Run `{lacking.install}`, then try again.")


def explain_versions(spec: RunSpec, ready: WorkerReady) -> UserError | None:
    """None where daemon and worker speak the same protocol."""
    if ready.protocol == PROTOCOL_VERSION:
        return None
    older_is_worker = ready.protocol < PROTOCOL_VERSION
    command = (
        install_command(spec.interpreter, "--upgrade tunesmith")
        if older_is_worker
        else "`uv tool upgrade tunesmith` (or upgrade it where the daemon is installed) and `tunesmith daemon stop`"
    )
    return UserError(
        message=(
            f"{spec.interpreter} has tunesmith {ready.version}, whose worker speaks protocol {ready.protocol};"
            f" this daemon speaks {PROTOCOL_VERSION}."
        ),
        next_step=f"Run {command}, then try again.",
    )
