"""Demonstrations: gathered from accepted traces, chosen to be correct, diverse and short."""

from tunesmith.optim.demos.compose import Composition, as_demo, compose
from tunesmith.optim.demos.pool import DemoCandidate, DemoPool
from tunesmith.optim.demos.select import PickedDemo, select_demos

__all__ = ["Composition", "DemoCandidate", "DemoPool", "PickedDemo", "as_demo", "compose", "select_demos"]
