"""Demonstrations: gathered from accepted traces, chosen to be correct, diverse and short."""

from tunesmith.optim.demos.composition import Composition, DemoSettings, as_demo, compose
from tunesmith.optim.demos.context_window import fit_demo_sets
from tunesmith.optim.demos.embedding import Embedder, embed_texts
from tunesmith.optim.demos.gathering import POOL_FACTOR, Gathered, Lessons, gather_pool
from tunesmith.optim.demos.pool import DemoPool, as_text
from tunesmith.optim.demos.sets import AS_IT_CAME, COMPOSED, FIRST_COME, LABELS_ONLY, DemoSet, demo_sets
from tunesmith.optim.demos.teacher import prepare_teacher

__all__ = [
    "AS_IT_CAME",
    "COMPOSED",
    "FIRST_COME",
    "LABELS_ONLY",
    "POOL_FACTOR",
    "Composition",
    "DemoPool",
    "DemoSet",
    "DemoSettings",
    "Embedder",
    "Gathered",
    "Lessons",
    "as_demo",
    "as_text",
    "compose",
    "demo_sets",
    "embed_texts",
    "fit_demo_sets",
    "gather_pool",
    "prepare_teacher",
]
