"""`textDocument/inlayHint`."""

from lsprotocol import types

from tunesmith.server.features import inlay_hints
from tunesmith.server.lsp.convert import to_inlay_hint
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import TunesmithServer


@guarded
async def inlay_hint(ls: TunesmithServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    file = await ls.locate(params.text_document.uri)
    if file is None:
        return None
    start, end = file.lines.offset(params.range.start), file.lines.offset(params.range.end)
    hints = inlay_hints(ls.snapshot(file.workspace), file.path, start, end)
    return [to_inlay_hint(hint, file.lines) for hint in hints] or None
