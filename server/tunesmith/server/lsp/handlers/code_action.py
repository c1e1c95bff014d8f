"""`textDocument/codeAction` and `codeAction/resolve`: the edit is composed when the user picks the action."""

from collections.abc import Iterable

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from tunesmith.server.applying import compose_run_edit
from tunesmith.server.edits import Form, ProgramEdit
from tunesmith.server.features import Action, code_actions
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import ClientFile, TunesmithServer
from tunesmith.server.lsp.workspace_edit import as_workspace_edit

KINDS = (types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What an action carries to its resolution, or to the command `tunesmith.apply`."""

    root: str
    run_id: str
    form: Form
    predictor: str | None = None
    uri: str
    """The document the action was offered in."""
    version: int | None
    """Its version then."""


def options(client: Abilities) -> types.CodeActionOptions | None:
    """Kinds only for clients that know more than commands."""
    if not client.action_literals:
        return None
    return types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=client.takes_whole_edits)


@guarded
async def code_action(
    ls: TunesmithServer, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    file = await ls.locate(params.text_document.uri)
    if file is None:
        return None
    start, end = file.lines.offset(params.range.start), file.lines.offset(params.range.end)
    actions = code_actions(ls.snapshot(file.workspace), file.path, start, end)
    wanted = [action for action in actions if _is_wanted(action.kind, params.context.only)]
    return [shown for action in wanted if (shown := _show(ls, file, action, params.context))] or None


@guarded
async def resolve(ls: TunesmithServer, action: types.CodeAction) -> types.CodeAction:
    edit, file, sources = await compose_choice(ls, msgspec.convert(action.data, Choice))
    action.edit = as_workspace_edit(edit, file.root, sources)
    return action


async def compose_choice(ls: TunesmithServer, choice: Choice) -> tuple[ProgramEdit, ClientFile, list[ClientFile]]:
    """The edit, the document it was offered in, and the files it edits, as this client sees them.

    Raises what `compose_run_edit` raises, and `JsonRpcContentModified`.
    """
    file = await ls.locate(choice.uri)
    if file is None or file.version != choice.version:
        raise JsonRpcContentModified("The document changed since this action was offered. Ask for it again.")
    while True:
        edit = compose_run_edit(ls.daemon.runs, file.workspace, choice.run_id, choice.form, choice.predictor)
        generation = file.workspace.index.view.generation
        sources = [_source(ls, file, path) for path in edit.edits]
        if file.workspace.index.view.generation == generation:  # else another client's text had been looked at
            return edit, file, sources


def _source(ls: TunesmithServer, file: ClientFile, path: str) -> ClientFile:
    source = ls.file_at(file.workspace, file.root, path)
    if source is None:
        raise JsonRpcContentModified(f"{path} is gone.")
    return source


def _show(
    ls: TunesmithServer, file: ClientFile, action: Action, context: types.CodeActionContext
) -> types.CodeAction | types.Command | None:
    """None where this client could not carry the action out."""
    data = command = None
    if action.run_id is None or action.form is None:
        command = types.Command(title=action.title, command=action.command or "", arguments=action.arguments)
    else:
        choice = Choice(
            root=str(file.root),
            run_id=action.run_id,
            form=action.form,
            predictor=action.predictor,
            uri=file.uri,
            version=file.version,
        )
        if ls.abilities.takes_whole_edits and not action.copies_models:
            data = msgspec.to_builtins(choice)
        elif ls.abilities.apply_edit:
            arguments = [msgspec.to_builtins(choice)]
            command = types.Command(title=action.title, command="tunesmith.apply", arguments=arguments)
        else:
            return None
    if not ls.abilities.action_literals:
        return command
    return types.CodeAction(
        title=action.title,
        kind=action.kind,
        diagnostics=[one for one in context.diagnostics if one.code in action.codes] or None,
        is_preferred=action.is_preferred or None,
        command=command,
        data=data,
    )


def _is_wanted(kind: str, only: Iterable[str] | None) -> bool:
    """A client asks for kinds or their prefixes: `refactor` includes `refactor.rewrite`."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") or not one for one in only)
