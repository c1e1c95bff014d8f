"""A daemon of the tour's own, beside whatever the user has running."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tunesmith.protocol.folder_layout import WORKSPACE_FOLDER

STOP = "from tunesmith.server.client import stop_daemon; stop_daemon()"


@contextmanager
def daemon_apart(root: Path) -> Iterator[Mapping[str, str]]:
    """The environment in which `tunesmith lsp` finds or starts that daemon; it is stopped at the end.

    State, logs and dspy's cache go into the workspace's own folder: an answer that some earlier program cached would
    take no time, and show nothing.
    """
    own = root / WORKSPACE_FOLDER
    # Not in the workspace: a socket's path must be short.
    runtime = tempfile.mkdtemp(prefix="ts-")
    environment = {
        **os.environ,
        "TUNESMITH_RUNTIME": runtime,
        "TUNESMITH_STATE": str(own / "state"),
        "DSPY_CACHEDIR": str(own / "dspy-cache"),
    }
    try:
        yield environment
    finally:
        # In a process of its own, since which daemon is meant follows from the environment.
        subprocess.run([sys.executable, "-c", STOP], env=environment, check=False)
        shutil.rmtree(runtime, ignore_errors=True)
