"""Daemon ↔ worker: JSON-RPC 2.0, one message a line, on the worker's standard streams."""

from typing import Any

from tunesmith.protocol.run_events import EventRecord
from tunesmith.protocol.run_report import RunReport, UserError
from tunesmith.protocol.run_spec import RunSpec
from tunesmith.protocol.run_status import RunStatus
from tunesmith.protocol.wire import Wire


class WorkerHello(Wire, frozen=True, kw_only=True):
    """First message on the link."""

    protocol: int
    version: str


class WorkerReady(Wire, frozen=True, kw_only=True):
    """The worker's answer: its own protocol, and what its interpreter has."""

    protocol: int
    version: str
    python: str
    dspy: str


class RunOrder(Wire, frozen=True, kw_only=True):
    """Execute a run, from the start or from what its folder already holds."""

    spec: RunSpec


class RunOutcome(Wire, frozen=True, kw_only=True):
    """How a worker's run ended. `report` where it came to one, `error` where it could not go on."""

    status: RunStatus
    report: RunReport | None = None
    error: UserError | None = None


class CancelOrder(Wire, frozen=True, kw_only=True):
    """Stop soon: finish what is in flight, keep the best so far."""

    reason: str = ""


class RunEventNote(Wire, frozen=True, kw_only=True):
    """An event, after it was committed to the run's store."""

    run_id: str
    record: EventRecord


class RpcError(Wire, frozen=True, kw_only=True):
    """JSON-RPC 2.0, section 5.1."""

    code: int
    message: str
    data: Any = None


class RpcMessage(Wire, frozen=True, kw_only=True, omit_defaults=True, tag_field="jsonrpc", tag="2.0"):
    """A JSON-RPC message of any kind: request (id, method), notification (method), response (id, result|error)."""

    id: int | None = None
    method: str | None = None
    params: Any = None
    result: Any = None
    error: RpcError | None = None
