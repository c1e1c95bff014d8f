"""`textDocument/inlayHint`."""

from lsprotocol import types

from tunesmith.server.features import inlay_hints
from tunesmith.server.lsp.convert import to_inlay_hint
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import TunesmithServer


@guarded
async def inlay_hint(ls: TunesmithServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    place = await ls.locate(params.text_document.uri)
    if place is None:
        return None
    start, end = place.lines.offset(params.range.start), place.lines.offset(params.range.end)
    hints = inlay_hints(ls.snapshot(place.workspace), place.path, start, end)
    return [to_inlay_hint(hint, place.lines) for hint in hints] or None
