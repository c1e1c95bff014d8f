"""`textDocument/inlineCompletion`."""

from lsprotocol import types

from tunesmith.server.errors import ServerError
from tunesmith.server.features import Gap, fill_gap, find_gaps
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.convert import to_inline_completion
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import Place, TunesmithServer


def options(_: Abilities) -> types.InlineCompletionOptions:
    """Without options, pygls keeps it to itself."""
    return types.InlineCompletionOptions()


@guarded
async def inline_completion(
    ls: TunesmithServer, params: types.InlineCompletionParams
) -> list[types.InlineCompletionItem] | None:
    place = await ls.locate(params.text_document.uri)
    if place is None:
        return None
    cursor = place.lines.offset(params.position)
    gaps = find_gaps(ls.snapshot(place.workspace), place.path, cursor)
    return [item for gap in gaps if (item := _fill(ls, place, gap, cursor))] or None


def _fill(ls: TunesmithServer, place: Place, gap: Gap, cursor: int) -> types.InlineCompletionItem | None:
    try:
        program_json = ls.daemon.runs.artifact_text(place.root, gap.offer.run_id)
    except ServerError:  # the run was deleted meanwhile: nobody asked for it by name
        return None
    edit = fill_gap(gap, place.path, cursor, program_json)
    return to_inline_completion(edit, place.lines) if edit is not None else None
