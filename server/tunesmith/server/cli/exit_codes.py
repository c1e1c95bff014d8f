"""What the process returns."""

OK = 0
FINDINGS = 1
"""Findings, or a run that failed."""
USAGE = 2
"""The command could not be carried out as it was given."""
INTERRUPTED = 130
"""What a shell reports of a process that Ctrl-C ended."""
