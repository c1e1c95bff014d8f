"""Which run a user means: its id, the beginning or end of one, or `latest`."""

from tunesmith.protocol import RunSummary
from tunesmith.server.cli.errors import UsageError, unknown

LATEST = "latest"


def choose_run(runs: list[RunSummary], wanted: str) -> RunSummary:
    """Raises `UsageError` where no run or more than one fits."""
    newest_first = sorted(runs, key=lambda run: run.created, reverse=True)
    if wanted == LATEST and newest_first:
        return newest_first[0]
    fitting = [run for run in newest_first if run.run_id.startswith(wanted) or run.run_id.endswith(wanted)]
    exact = [run for run in fitting if run.run_id == wanted]
    if len(fitting) == 1 or exact:
        return (exact or fitting)[0]
    if fitting:
        ids = ", ".join(run.run_id for run in fitting)
        raise UsageError(f"{wanted!r} fits more than one run: {ids}.")
    raise unknown("run", wanted, [run.run_id for run in newest_first], none="No run was started in this workspace yet.")
