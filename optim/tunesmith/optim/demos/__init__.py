"""Demonstrations: gathered from accepted traces, chosen to be correct, diverse and short."""

from tunesmith.optim.demos.pool import DemoCandidate, DemoPool
from tunesmith.optim.demos.select import PickedDemo, select_demos

__all__ = ["DemoCandidate", "DemoPool", "PickedDemo", "select_demos"]
