"""Which of dspy's names an expression stands for. What the names mean is in `protocol/dspy_versions.py`."""

from tunesmith.protocol.dspy_versions import NEWEST_READ, OPTIMIZERS, WRAPPERS, facts_of
from tunesmith.server.index.facts import ImportFact
from tunesmith.server.index.imports import follow

PREDICTORS = facts_of(NEWEST_READ).predictors
"""Predictor class → the names `named_predictors()` gives below its attribute. The index does not know with which dspy
a program will run."""

_PACKAGES = ("dspy", "dsp", "tunesmith.optim")


def dspy_name(imports: list[ImportFact], dotted: str | None, defined: frozenset[str] = frozenset()) -> str | None:
    """The dspy name a dotted expression stands for (its last part), or None.

    `Predict` for `d.Predict` after `import dspy as d`; "" for the package itself. Tunesmith's optimizers are
    drop-ins and count as dspy's. `defined`: what the file defines itself, which hides a star import.
    """
    if dotted is None:
        return None
    imported = follow(imports, dotted)
    if imported is not None:
        if imported.level or not _is_dspy(imported.module):
            return None
        return imported.name.rpartition(".")[2]
    starred = any(fact.name == "*" and not fact.level and _is_dspy(fact.module) for fact in imports)
    return dotted if starred and dotted in _STARRED and dotted not in defined else None


def is_dspy_module(name: str) -> bool:
    """Whether the dspy name is a class of modules: `Module` itself, a predictor, a wrapper."""
    return name in ("Module", "Program") or name in PREDICTORS or name in WRAPPERS


def _is_dspy(module: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in _PACKAGES)


_STARRED = frozenset(
    {"Module", "Signature", "InputField", "OutputField", "Example", "make_signature", "Evaluate"}
    | PREDICTORS.keys()
    | WRAPPERS
    | OPTIMIZERS
)
