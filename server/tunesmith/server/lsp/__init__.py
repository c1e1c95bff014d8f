"""The language server of one connection: all that knows pygls."""

from tunesmith.server.lsp.line_table import LineTable
from tunesmith.server.lsp.routes import build_server
from tunesmith.server.lsp.shared_state import Daemon

__all__ = [
    "Daemon",
    "LineTable",
    "build_server",
]
