"""`textDocument/codeLens`."""

import time

from lsprotocol import types

from tunesmith.server.features import code_lenses
from tunesmith.server.lsp.convert import to_lens
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import TunesmithServer


@guarded
async def code_lens(ls: TunesmithServer, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    file = await ls.locate(params.text_document.uri)
    if file is None:
        return None
    lenses = code_lenses(ls.snapshot(file.workspace), file.path, now=time.time())
    return [to_lens(lens, file.lines) for lens in lenses] or None
