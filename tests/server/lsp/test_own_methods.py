"""The daemon answers its own lines of the method table, all of them, and no other's."""

from tunesmith.protocol import METHODS
from tunesmith.server.lsp.handlers.own_methods import own_handlers


def test_handlers_are_the_requests_of_clients() -> None:
    assert set(own_handlers()) == {method.name for method in METHODS.values() if method.link == "client→daemon"}
