"""`textDocument/inlineCompletion`."""

from lsprotocol import types

from tunesmith.server.errors import ServerError
from tunesmith.server.features import Gap, fill_gap, find_gaps
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.convert import to_inline_completion
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import ClientFile, TunesmithServer


def options(_: Abilities) -> types.InlineCompletionOptions:
    """Without options, pygls keeps it to itself."""
    return types.InlineCompletionOptions()


@guarded
async def inline_completion(
    ls: TunesmithServer, params: types.InlineCompletionParams
) -> list[types.InlineCompletionItem] | None:
    file = await ls.locate(params.text_document.uri)
    if file is None:
        return None
    cursor = file.lines.offset(params.position)
    gaps = find_gaps(ls.snapshot(file.workspace), file.path, cursor)
    return [item for gap in gaps if (item := _fill(ls, file, gap, cursor))] or None


def _fill(ls: TunesmithServer, file: ClientFile, gap: Gap, cursor: int) -> types.InlineCompletionItem | None:
    try:
        program_json = ls.daemon.runs.artifact_text(file.root, gap.offer.run_id)
    except ServerError:  # the run was deleted meanwhile: nobody asked for it by name
        return None
    edit = fill_gap(gap, file.path, cursor, program_json)
    return to_inline_completion(edit, file.lines) if edit is not None else None
