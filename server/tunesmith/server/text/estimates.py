"""What a run would cost, before anything is spent: as one sentence, and as the parts of a table."""

from tunesmith.protocol import Estimate, FinetuneEstimate
from tunesmith.server.text.quantities import (
    describe_count_roughly,
    describe_gigabytes,
    describe_seconds,
    describe_seconds_roughly,
    describe_usd_roughly,
)


def describe_estimate(estimate: Estimate) -> str:
    """`mipro-v2 would make at most 1,542 program calls and about 1,600 LM calls: $0.32, about 12 min.`"""
    minutes = "" if estimate.seconds is None else f", {describe_seconds_roughly(estimate.seconds)}"
    return (
        f"{estimate.optimizer} would make at most {estimate.program_calls:,} program calls "
        f"and about {estimate.lm_calls:,} LM calls: {describe_usd_roughly(estimate.usd)}{minutes}."
        f"{_describe_training(estimate.finetune)}"
    )


def _describe_training(estimate: FinetuneEstimate | None) -> str:
    picked = next((one for one in estimate.strategies if one.name == estimate.picked), None) if estimate else None
    if estimate is None or picked is None:
        return ""
    time, memory = describe_seconds_roughly(picked.train_seconds.mean), describe_gigabytes(picked.memory_bytes)
    return f" Training {estimate.model} ({picked.name}) here: {time} and {memory} of memory."


def describe_estimated_examples(estimate: Estimate) -> str:
    """`16 to learn from, 64 to score on`."""
    scored = f"{estimate.val:,} to score on"
    return f"{estimate.train:,} to learn from, {scored}" if estimate.train else scored


def describe_estimated_program_calls(estimate: Estimate) -> str:
    """`at most 1,542, about 900 likely`."""
    likely = estimate.expected_program_calls
    expected = f", about {likely:,} likely" if likely is not None and likely < estimate.program_calls else ""
    return f"at most {estimate.program_calls:,}{expected}"


def describe_estimated_lm_calls(estimate: Estimate) -> str:
    """`at most about 1,600, 58 of them to the prompt model`."""
    prompts = f", {estimate.prompt_calls:,} of them to the prompt model" if estimate.prompt_calls else ""
    return f"at most about {estimate.lm_calls:,}{prompts}"


def describe_estimated_tokens(estimate: Estimate) -> str:
    """`at most about 420,000 in, 31,000 out`."""
    prompt, completion = estimate.prompt_tokens, estimate.completion_tokens
    return f"at most about {describe_count_roughly(prompt)} in, {describe_count_roughly(completion)} out"


def describe_estimated_time(estimate: Estimate) -> str:
    """`at most about 12 min 30 s`."""
    return "unknown" if estimate.seconds is None else f"at most about {describe_seconds(estimate.seconds)}"
