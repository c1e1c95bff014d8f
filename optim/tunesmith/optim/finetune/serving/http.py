"""One student over HTTP on loopback, OpenAI-compatible, for whoever holds the token."""

import hmac
import os
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from tunesmith.optim.finetune.serving.asks import Backend
from tunesmith.optim.finetune.serving.backends import Served, backend_of
from tunesmith.optim.finetune.serving.chat_completions import Refused, ServedModels, complete

LOOPBACK = "127.0.0.1"
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
BODY_BYTES = 16 << 20
IDLE_SECONDS = 60.0
"""A connection that says nothing for so long is closed."""


class RunningServer(NamedTuple):
    """A server that listens until it is stopped or the process ends."""

    api_base: str
    """Ends in /v1: what OpenAI clients call base URL."""
    token: str
    native: ThreadingHTTPServer

    def stop(self) -> None:
        """Waits for nothing but the listener."""
        self.native.shutdown()
        self.native.server_close()


def start_http(backend: Backend, models: ServedModels, *, port: int = 0, token: str | None = None) -> RunningServer:
    """Listen on loopback, in a thread of this process. Port 0: a free one. Raises `OSError` where it is taken."""
    token = token or secrets.token_urlsafe(24)

    class Handler(_Handler):
        pass

    Handler.backend, Handler.models, Handler.token = backend, models, token
    native = ThreadingHTTPServer((LOOPBACK, port), Handler)
    threading.Thread(target=native.serve_forever, name="tunesmith-student-http", daemon=True).start()
    return RunningServer(f"http://{LOOPBACK}:{native.server_port}/v1", token, native)


class _Handler(BaseHTTPRequestHandler):
    backend: Backend
    models: ServedModels
    token: str
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._respond({"/health": lambda: {"status": "ok"}, "/v1/models": self._models})

    def do_POST(self) -> None:
        self._respond({"/v1/chat/completions": self._complete})

    def _models(self) -> dict[str, Any]:
        self._authorize()
        return self.models.listed()

    def _complete(self) -> dict[str, Any]:
        self._authorize()
        return complete(self._body(), self.models, self.backend)

    def _respond(self, routes: dict[str, Any]) -> None:
        try:
            self._check_host()
            path = urlsplit(self.path).path
            if path not in routes:
                raise Refused(404, f"There is no {self.command} {path} here.", "not_found")
            status, body = 200, routes[path]()
        except Refused as refusal:
            status, body = refusal.status, refusal.body
            # What was not read of the body would be taken for the next request.
            self.close_connection = True
        except Exception as error:  # noqa: BLE001  the border of a request: the caller is told, the server goes on
            status, body = 500, Refused(500, f"The model failed: {error!r}.", "model_failed").body
            self.close_connection = True
        self._send(status, msgspec.json.encode(body))

    def _check_host(self) -> None:
        # A page in a browser can reach loopback under a name of its own; its requests carry that name.
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if host not in LOCAL_HOSTS:
            raise Refused(403, "This server answers on loopback only.", "wrong_host")

    def _authorize(self) -> None:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self.token.encode()):
            raise Refused(401, "The token is missing or wrong: send `Authorization: Bearer TOKEN`.", "invalid_token")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(411, "The request has no Content-Length.", "length_required")
        if int(length) > BODY_BYTES:
            raise Refused(413, f"The body is larger than {BODY_BYTES >> 20} MiB.", "too_large")
        return self.rfile.read(int(length))

    def _send(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller went away

    def log_message(self, format: str, *args: Any) -> None:
        """Prompts and paths are the caller's business."""


_lock = threading.Lock()
_kept: dict[tuple[Served, int], RunningServer] = {}


def kept_server(served: Served, max_tokens: int, task: int) -> RunningServer:
    """The process's server of a student's task, for a dspy without engines; it stays until the process ends."""
    with _lock:
        if (served, task) not in _kept:
            models = ServedModels(tasks={"student": task}, max_tokens=max_tokens)
            _kept[served, task] = start_http(_Lazy(served), models)
        return _kept[served, task]


class _Lazy:
    """`Backend` that loads the model with the first call."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def answer(self, ask: Any) -> Any:
        return backend_of(self._served).answer(ask)


def _forget_after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _kept.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
