"""Runs: the queue, the worker processes, the run folders and what is read from them."""

from tunesmith.server.runs.service import RunService
from tunesmith.server.runs.snapshot import RunsSnapshot, TargetRuns

__all__ = ["RunService", "RunsSnapshot", "TargetRuns"]
