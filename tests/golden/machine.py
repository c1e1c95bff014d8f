"""A user's machine for one recording: folders of their own, the same packages, and no process left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

WORKSPACES = Path(__file__).parent / "workspaces"
TUNESMITH = (sys.executable, "-c", "import sys; from tunesmith.server.cli import main; sys.exit(main())")
FOLDERS = ("STATE", "CACHE", "MODELS")
OURS = ("TUNESMITH_", "XDG_", "OPENAI_", "VIRTUAL_ENV", "DSPY_", "COLUMNS", "FORCE_COLOR")
"""Beginnings of variables that a recording must not depend on."""
DEADLINE = 120
"""Seconds; only a hang takes so long."""


class Machine:
    """Leaving it stops its daemon."""

    def __init__(self, place: Path) -> None:
        self.place = place.resolve()
        self.runtime = Path(tempfile.mkdtemp(prefix="ts-"))  # a socket's path must be short
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment = kept | {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
            "HOME": str(self.place / "home"),
            "TUNESMITH_RUNTIME": str(self.runtime),
            **{f"TUNESMITH_{name}": str(self.place / name.lower()) for name in FOLDERS},
            "DSPY_CACHEDIR": str(self.place / "dspy-cache"),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "NO_COLOR": "1",
            "PYTHONHASHSEED": "0",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }
        (self.place / "home").mkdir(parents=True)

    def __enter__(self) -> "Machine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_daemon()
        shutil.rmtree(self.runtime, ignore_errors=True)

    def workspace(self, name: str, source: Path | None = None) -> Path:
        """A copy of a sample workspace, by default of one of ours."""
        root = self.place / name
        shutil.copytree(source or WORKSPACES / name, root, ignore=shutil.ignore_patterns("__pycache__"))
        for text in root.rglob("*.txt"):  # what a linter would trip over
            text.rename(text.with_suffix(""))
        return root

    def call(self, *words: str, root: Path) -> "subprocess.CompletedProcess[str]":
        """`tunesmith WORDS`, typed in `root`."""
        return subprocess.run(
            [*TUNESMITH, *words],
            cwd=root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )

    def stop_daemon(self) -> None:
        told = self.call("daemon", "status", "--json", root=self.place)
        if told.returncode == 0 and self.call("daemon", "stop", root=self.place).returncode != 0:
            os.kill(json.loads(told.stdout)["pid"], signal.SIGKILL)
