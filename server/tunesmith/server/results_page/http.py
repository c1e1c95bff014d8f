"""The results page for a browser: its files and its questions, over HTTP on loopback."""

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

import msgspec

from tunesmith.protocol import UserError, Wire, decode, encode
from tunesmith.server.errors import ServerError
from tunesmith.server.results_page.access import Access, Refused
from tunesmith.server.results_page.answers import ResultsAnswers, UnknownMethod
from tunesmith.server.results_page.bundle import PageFile

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
BODY_BYTES = 1 << 16
IDLE_SECONDS = 60.0
"""A connection that says nothing for so long is closed."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class TakeToken(Wire, frozen=True, kw_only=True):
    """`POST /session`: the token of a link."""

    token: str


class RunningPage(NamedTuple):
    """The page while it is served."""

    address: str
    """`http://127.0.0.1:PORT/`"""
    access: Access
    native: ThreadingHTTPServer
    answers: ResultsAnswers

    def link(self, run_id: str | None = None) -> str:
        """Opens the page, once. The fragment never leaves the browser: no log and no referrer has the token."""
        run = f"&run={run_id}" if run_id else ""
        return f"{self.address}#token={self.access.token}{run}"

    def stop(self) -> None:
        """Answer nothing more, and free the port."""
        self.answers.close()
        self.native.shutdown()
        self.native.server_close()


def serve_page(answers: ResultsAnswers, files: dict[str, PageFile], *, port: int = 0) -> RunningPage:
    """Listen on loopback, in threads of this process. Port 0: a free one. Raises `OSError` where it is taken."""

    class Handler(_Handler):
        pass

    native = _Server((LOOPBACK, port), Handler)
    Handler.access, Handler.answers, Handler.files = Access(native.server_port), answers, files
    threading.Thread(target=native.serve_forever, name="tunesmith-results", daemon=True).start()
    return RunningPage(f"http://{LOOPBACK}:{native.server_port}/", Handler.access, native, answers)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is nothing to print."""
        logger.debug("a connection ended early", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    access: ClassVar[Access]
    answers: ClassVar[ResultsAnswers]
    files: ClassVar[dict[str, PageFile]]
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._respond(self._file)

    def do_POST(self) -> None:
        self._respond(self._answer)

    def _file(self, path: str) -> PageFile:
        if path not in self.files:
            raise Refused(404, f"There is no {path} here.")
        return self.files[path]

    def _answer(self, path: str) -> PageFile:
        if path == "/session":
            return _json({"session": self.access.take(decode(self._body(), TakeToken).token)})
        self.access.check_session(self.headers)
        return _json(self.answers.answer(path.removeprefix("/"), decode(self._body(), Any)))

    def _respond(self, route: Any) -> None:
        try:
            self.access.check_origin(self.headers)
            status, file = 200, route(urlsplit(self.path).path)
        except Refused as refusal:
            status, file = refusal.status, _json(UserError(message=refusal.message))
        except ServerError as error:
            status, file = 404, _json(error.user_error)
        except UnknownMethod as error:
            status, file = 404, _json(UserError(message=f"There is no {error} here."))
        except msgspec.MsgspecError as error:
            status, file = 400, _json(UserError(message=f"The question does not fit: {error}."))
        except Exception:  # a request's border
            logger.exception("%s %s", self.command, self.path)
            status, file = 500, _json(UserError(message="The question could not be answered; the log says why."))
        # What was not read of a refused request's body would be taken for the next request.
        self.close_connection = self.close_connection or status != 200
        self._send(status, file)

    def _body(self) -> bytes:
        text = self.headers.get("Content-Length", "")
        if not text.isdigit() or int(text) > BODY_BYTES:
            raise Refused(413, "The question is too long.")
        return self.rfile.read(int(text))

    def _send(self, status: int, file: PageFile) -> None:
        try:
            self.send_response(status)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Type", file.media_type)
            self.send_header("Content-Length", str(len(file.body)))
            self.end_headers()
            self.wfile.write(file.body)
        except ConnectionError:  # the page was closed while it waited
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)

    def version_string(self) -> str:
        return "tunesmith"


def _json(value: Any) -> PageFile:
    return PageFile(encode(value), "application/json; charset=utf-8")
