"""pygls' protocol, fitted to a daemon: one object a connection, no `sys.exit`, own methods with plain parameters.

Own (`tunesmith/*`) messages travel as plain data between here and `handlers/own_methods.py`, where msgspec makes
structs of them; pygls would make named tuples and rename keys.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    default_converter,
    lsp_method,
)

# It logs every body it sends, and the parameters of every message it cannot handle: source text and prompts.
# What fails is logged by `TunesmithServer.report_server_error` and `handlers/guard.py` instead.
logging.getLogger("pygls").setLevel(logging.CRITICAL)


@functools.cache
def plain_converter() -> Converter:
    """lsprotocol's converter, with the parameters and results of unknown methods left as plain data.

    One for all sessions: making it, and its first use of a type, is most of what a session's beginning costs.
    """
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook(
        JsonRPCRequestMessage,
        lambda data, _: JsonRPCRequestMessage(
            id=data["id"], method=data["method"], jsonrpc=data["jsonrpc"], params=data.get("params")
        ),
    )
    converter.register_structure_hook(
        JsonRPCNotification,
        lambda data, _: JsonRPCNotification(method=data["method"], jsonrpc=data["jsonrpc"], params=data.get("params")),
    )
    converter.register_structure_hook(
        JsonRPCResponseMessage,
        lambda data, _: JsonRPCResponseMessage(id=data["id"], jsonrpc=data["jsonrpc"], result=data.get("result")),
    )
    return converter


class SessionProtocol(LanguageServerProtocol):
    """JSON-RPC of one session, as pygls' server makes it."""

    on_exit: Callable[[], None]
    """Called when the client says `exit`; set by the server."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        # `handlers/documents.py` keeps the documents: pygls breaks lines where the protocol does not (form feed).
        for method in (types.TEXT_DOCUMENT_DID_OPEN, types.TEXT_DOCUMENT_DID_CHANGE, types.TEXT_DOCUMENT_DID_CLOSE):
            del self.fm.builtin_features[method]

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]  # pygls' is a generator, and runs either
        """End this session; pygls would end the process."""
        self.on_exit()

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Answer a request that does not fit its type; pygls would leave the client waiting for it."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise
