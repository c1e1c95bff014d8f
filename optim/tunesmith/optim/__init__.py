"""Tunesmith's optimizers: drop-ins for dspy's, run by scripts and by the daemon's worker alike.

Names resolve when first used, so that importing this package costs nothing: dspy is loaded with the first optimizer.
The standard library alone: a worker in an interpreter that has nothing else must still say what is missing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunesmith.optim.bootstrap_fewshot import BootstrapFewShot as BootstrapFewShot
    from tunesmith.optim.bootstrap_finetune import BootstrapFinetune as BootstrapFinetune
    from tunesmith.optim.finetune.serving import load_student as load_student
    from tunesmith.optim.mipro_v2 import (
        BootstrapFewShotWithRandomSearch as BootstrapFewShotWithRandomSearch,
    )
    from tunesmith.optim.mipro_v2 import MIPROv2 as MIPROv2
    from tunesmith.optim.outcome import TuneOutcome as TuneOutcome

__all__ = [
    "BootstrapFewShot",
    "BootstrapFewShotWithRandomSearch",
    "BootstrapFinetune",
    "MIPROv2",
    "TuneOutcome",
    "load_student",
]

_HOMES = {
    "BootstrapFewShot": "tunesmith.optim.bootstrap_fewshot",
    "BootstrapFewShotWithRandomSearch": "tunesmith.optim.mipro_v2",
    "BootstrapFinetune": "tunesmith.optim.bootstrap_finetune",
    "MIPROv2": "tunesmith.optim.mipro_v2",
    "TuneOutcome": "tunesmith.optim.outcome",
    "load_student": "tunesmith.optim.finetune.serving",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
