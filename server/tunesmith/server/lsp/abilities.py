"""What this client can do, of what matters here. The server offers and sends nothing beyond it."""

from collections.abc import Callable
from typing import Any

from lsprotocol.types import ClientCapabilities, FailureHandlingKind
from msgspec import Struct
from pygls.capabilities import get_capability


class Abilities(Struct, frozen=True, kw_only=True):
    """Made once a session, of `initialize`'s capabilities; before that a client can do nothing."""

    capabilities: ClientCapabilities = ClientCapabilities()
    """As the client said them (`able_to` looks here)."""
    code_lens_refresh: bool = False
    inlay_hint_refresh: bool = False
    pull_diagnostics: bool = False
    diagnostic_refresh: bool = False
    progress: bool = False
    """Takes progress the server begins."""
    watch_files: bool = False
    """Can be asked to watch files."""
    action_literals: bool = False
    """Code actions beside plain commands."""
    resolve_edit: bool = False
    """Asks for a code action's edit when the user picks it."""
    apply_edit: bool = False
    versioned_edits: bool = False
    """Edits that name the document's version."""
    create_files: bool = False
    undoes_failed_edits: bool = False
    """An edit that cannot be applied to the end changes no text."""
    show_document: bool = False

    @property
    def takes_whole_edits(self) -> bool:
        """A code action's edit may be asked for later, and hold new files and the source's version.

        Clients that may stop half-way get the source's part alone: Emacs' lsp-mode writes into new files before it
        creates them.
        """
        return self.resolve_edit and self.versioned_edits and self.create_files and self.undoes_failed_edits

    @classmethod
    def of(cls, capabilities: ClientCapabilities) -> "Abilities":
        """What a client's `initialize` says of it."""

        def has(path: str) -> Any:
            return get_capability(capabilities, path)

        return cls(
            capabilities=capabilities,
            code_lens_refresh=bool(has("workspace.code_lens.refresh_support")),
            inlay_hint_refresh=bool(has("workspace.inlay_hint.refresh_support")),
            pull_diagnostics=has("text_document.diagnostic") is not None,
            diagnostic_refresh=bool(has("workspace.diagnostics.refresh_support")),
            progress=bool(has("window.work_done_progress")),
            watch_files=bool(has("workspace.did_change_watched_files.dynamic_registration")),
            action_literals=has("text_document.code_action.code_action_literal_support") is not None,
            resolve_edit=bool(has("text_document.code_action.data_support"))
            and "edit" in (has("text_document.code_action.resolve_support.properties") or ()),
            apply_edit=bool(has("workspace.apply_edit")),
            versioned_edits=bool(has("workspace.workspace_edit.document_changes")),
            create_files="create" in (has("workspace.workspace_edit.resource_operations") or ()),
            undoes_failed_edits=has("workspace.workspace_edit.failure_handling")
            not in (None, FailureHandlingKind.Abort),
            show_document=bool(has("window.show_document.support")),
        )


def able_to(path: str) -> Callable[[Abilities], bool]:
    """Whether a client names a capability, by its path in `ClientCapabilities`: `text_document.inlay_hint`."""
    return lambda client: get_capability(client.capabilities, path) is not None
