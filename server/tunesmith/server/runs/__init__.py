"""Runs: the queue, the worker processes, the run folders and what is read from them."""

from tunesmith.server.runs.catalog import RunCatalog
from tunesmith.server.runs.interpreter import choose_interpreter
from tunesmith.server.runs.probe import explain_unfit, probe_interpreter
from tunesmith.server.runs.reading import UNREADABLE, ReadRun
from tunesmith.server.runs.service import RunService
from tunesmith.server.runs.snapshot import RunsSnapshot, TargetRuns

__all__ = [
    "UNREADABLE",
    "ReadRun",
    "RunCatalog",
    "RunService",
    "RunsSnapshot",
    "TargetRuns",
    "choose_interpreter",
    "explain_unfit",
    "probe_interpreter",
]
