"""The language server of one connection: all that knows pygls."""

from tunesmith.server.lsp.line_table import LineTable
from tunesmith.server.lsp.routes import build_server

__all__ = [
    "LineTable",
    "build_server",
]
