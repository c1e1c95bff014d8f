"""Running programs on examples: recorded, judged, within a budget, never paid for twice."""

from typing import TYPE_CHECKING, Any

from tunesmith.optim.rollouts.run import Run

if TYPE_CHECKING:
    from tunesmith.optim.rollouts.evaluation import evaluate as evaluate

__all__ = ["Run", "evaluate"]


def __getattr__(name: str) -> Any:
    # Evaluating needs dspy, which a worker loads only once its link stands.
    if name == "evaluate":
        from tunesmith.optim.rollouts.evaluation import evaluate

        return evaluate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
