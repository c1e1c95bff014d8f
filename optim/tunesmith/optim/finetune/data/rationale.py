"""What a student of a reasoning module is taught to write: the reasoning, the answer, or both apart.

Small students often do worse with long reasoning before the answer (Li et al. 2025, arXiv 2502.12143). Distilling
step-by-step (Hsieh et al. 2023, arXiv 2305.02301) makes of the reasoning a task of its own, which is learned beside
the answer and never asked for.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from tunesmith.protocol import RationaleMode

RATIONALE_MODES: tuple[RationaleMode, ...] = get_args(RationaleMode)

EMPTY = ("", "-")
"""What stands for no reasoning: nothing, or a dash where the adapter or the field's type takes no empty text."""


def reasoning_field(signature: Any) -> str | None:
    """The output a module reasons in before it answers: the first, where it is `reasoning` or a `dspy.Reasoning`, and
    an answer comes after it."""
    import dspy

    outputs = signature.output_fields
    if len(outputs) < 2:
        return None
    name = next(iter(outputs))
    is_reasoning = name == "reasoning" or outputs[name].annotation is dspy.Reasoning
    return name if is_reasoning else None


def has_reasoning(predictor: Any) -> bool:
    """The predictor's answers begin with a reasoning: the modes differ for it."""
    return reasoning_field(predictor.signature) is not None


def apply_rationale(signature: Any, outputs: Mapping[str, Any], mode: RationaleMode) -> Iterator[dict[str, Any]]:
    """The outputs to be taught in `mode`: the first of these that the adapter can write and read back."""
    field = reasoning_field(signature)
    if field is None or mode == "joint":
        yield dict(outputs)
        return
    for empty in EMPTY:
        yield {**outputs, field: empty}


def rationale_signature(signature: Any, field: str) -> Any:
    """The signature that asks for the reasoning alone."""
    asked = signature
    answers = [name for name in signature.output_fields if name != field]
    for name in answers:
        asked = asked.delete(name)
    listed = ", ".join(f"`{name}`" for name in answers)
    return asked.with_instructions(f"{signature.instructions}\n\nWrite only the reasoning that leads to {listed}.")
