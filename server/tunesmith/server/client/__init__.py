"""The ways to the daemon: joining or starting it, forwarding bytes, talking to it, and where it lies.

Names resolve when first used, by the standard library alone: an editor waits for the forwarder, and lazy-loader would
cost it a fifth of its start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunesmith.server.client.control import daemon_status as daemon_status
    from tunesmith.server.client.control import start_daemon as start_daemon
    from tunesmith.server.client.control import stop_daemon as stop_daemon
    from tunesmith.server.client.daemon_client import INTERNAL_ERROR as INTERNAL_ERROR
    from tunesmith.server.client.daemon_client import DaemonClient as DaemonClient
    from tunesmith.server.client.daemon_client import DaemonRefused as DaemonRefused
    from tunesmith.server.client.errors import DaemonLost as DaemonLost
    from tunesmith.server.client.errors import DaemonNotRunning as DaemonNotRunning
    from tunesmith.server.client.errors import SessionError as SessionError
    from tunesmith.server.client.forward import forward_stdio as forward_stdio
    from tunesmith.server.client.join import GREETING_SECONDS as GREETING_SECONDS
    from tunesmith.server.client.join import START_SECONDS as START_SECONDS
    from tunesmith.server.client.paths import check_own as check_own
    from tunesmith.server.client.paths import log_file as log_file
    from tunesmith.server.client.paths import queue_dir as queue_dir
    from tunesmith.server.client.paths import socket_path as socket_path
    from tunesmith.server.client.paths import state_dir as state_dir
    from tunesmith.server.client.pump import pump_bytes as pump_bytes
    from tunesmith.server.client.version import PROTOCOL as PROTOCOL
    from tunesmith.server.client.version import VERSION as VERSION

__all__ = [
    "GREETING_SECONDS",
    "INTERNAL_ERROR",
    "PROTOCOL",
    "START_SECONDS",
    "VERSION",
    "DaemonClient",
    "DaemonLost",
    "DaemonNotRunning",
    "DaemonRefused",
    "SessionError",
    "check_own",
    "daemon_status",
    "forward_stdio",
    "log_file",
    "pump_bytes",
    "queue_dir",
    "socket_path",
    "start_daemon",
    "state_dir",
    "stop_daemon",
]

_HOMES = {
    "daemon_status": "control",
    "start_daemon": "control",
    "stop_daemon": "control",
    "DaemonClient": "daemon_client",
    "DaemonRefused": "daemon_client",
    "INTERNAL_ERROR": "daemon_client",
    "DaemonLost": "errors",
    "DaemonNotRunning": "errors",
    "SessionError": "errors",
    "forward_stdio": "forward",
    "GREETING_SECONDS": "join",
    "START_SECONDS": "join",
    "check_own": "paths",
    "log_file": "paths",
    "queue_dir": "paths",
    "socket_path": "paths",
    "state_dir": "paths",
    "pump_bytes": "pump",
    "PROTOCOL": "version",
    "VERSION": "version",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
