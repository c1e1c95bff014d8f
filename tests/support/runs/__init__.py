"""Runs, reports and estimates as workers leave them, without a worker."""
