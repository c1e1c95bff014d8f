"""Runs for the results page, as their workers would have left them: simulated, the same on every machine."""

from support.page_runs.made_up import INSTRUCTIONS, gain_between, interval, state
from support.page_runs.searches import leave_search_run
from support.page_runs.tuned_runs import leave_bootstrap_run, leave_finetune_run
from support.page_runs.writing import Writing

__all__ = [
    "INSTRUCTIONS",
    "Writing",
    "gain_between",
    "interval",
    "leave_bootstrap_run",
    "leave_finetune_run",
    "leave_search_run",
    "state",
]
