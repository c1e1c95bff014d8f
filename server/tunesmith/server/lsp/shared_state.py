"""What the sessions of one process share, as a session uses it."""

from typing import Protocol

from tunesmith.protocol.session_messages import DaemonStatus
from tunesmith.server.artifacts import ArtifactReader
from tunesmith.server.runs import RunService
from tunesmith.server.workspace import Folders


class SharedState(Protocol):
    """The daemon behind a session (`daemon.Daemon`), or whatever stands in for it."""

    @property
    def folders(self) -> Folders:
        """The workspaces, by folder."""

    @property
    def artifacts(self) -> ArtifactReader:
        """The compiled programs that their code loads."""

    @property
    def runs(self) -> RunService:
        """Starting, stopping and reading runs."""

    def status(self) -> DaemonStatus:
        """What goes on, for `tunesmith/status`."""

    def stop(self) -> None:
        """End soon: runs commit what is in flight and can be resumed."""
