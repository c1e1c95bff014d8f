"""`PYTHONPATH=tests python -m support.page_runs FOLDER` leaves the runs there, for `tunesmith ui --root FOLDER`."""

import sys
from collections.abc import Callable
from pathlib import Path

from support.page_runs.made_up import STARTED
from support.page_runs.searches import leave_large_run, leave_running_run, leave_search_run
from support.page_runs.tuned_runs import leave_bootstrap_run, leave_finetune_run

LEAVE: dict[str, Callable[[Path], str]] = {
    "bootstrap": leave_bootstrap_run,
    "search": leave_search_run,
    "finetune": leave_finetune_run,
    "large": leave_large_run,
    "running": leave_running_run,
    "hostile": lambda root: leave_search_run(root, "20260922-120000-host", hostile=True, started=STARTED + 170_000),
}


if __name__ == "__main__":
    for leave in LEAVE.values():
        leave(Path(sys.argv[1]))
