"""A request that is not carried out."""


class Refused(Exception):
    """The request is refused with a status of HTTP; the page shows the message."""

    def __init__(self, status: int, message: str) -> None:
        """`status`: of HTTP. `message`: what the page shows."""
        super().__init__(message)
        self.status = status
        self.message = message
