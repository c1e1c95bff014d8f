"""Who may ask: a page this process handed out, in a browser of this machine, with the token of its link."""

import hmac
import secrets
import threading
from email.message import Message

NO_SESSION = "This page has no session. Open the link that `tunesmith ui` printed."
USED = "This link was used before, or is of another start. Run `tunesmith ui` again for a new one."


class Refused(Exception):
    """The request is refused with a status of HTTP; the page shows the message."""

    def __init__(self, status: int, message: str) -> None:
        """`status`: of HTTP. `message`: what the page shows."""
        super().__init__(message)
        self.status = status
        self.message = message


class Access:
    """A link's token is taken once, for a session's secret; every question carries the secret."""

    def __init__(self, port: int) -> None:
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}
        self._lock = threading.Lock()
        self._token: str | None = secrets.token_urlsafe(24)
        self._session = secrets.token_urlsafe(32)

    @property
    def token(self) -> str | None:
        """None once it was taken."""
        return self._token

    def check_origin(self, headers: Message) -> None:
        """Raise `Refused` where the request is not from this page: a name that was bound to this address (DNS
        rebinding), or another site's page."""
        if headers.get("Host", "").lower() not in self._hosts:
            raise Refused(403, "This address is not the one of the link that `tunesmith ui` printed.")
        origin = headers.get("Origin")
        if origin is not None and origin.lower() not in self._origins:
            raise Refused(403, "Only the results page itself may ask.")
        if headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
            raise Refused(403, "Only the results page itself may ask.")

    def take(self, token: str) -> str:
        """The session's secret. Raises `Refused` for a wrong or a used token."""
        with self._lock:
            if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
                raise Refused(403, USED)
            self._token = None
            return self._session

    def check_session(self, headers: Message) -> None:
        """Raise `Refused` where the request does not carry the secret."""
        kind, _, secret = headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not hmac.compare_digest(secret.encode(), self._session.encode()):
            raise Refused(401, NO_SESSION)
