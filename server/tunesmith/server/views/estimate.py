"""What a run would cost, in a few aligned lines, and on what each number rests."""

from tunesmith.protocol import Estimate
from tunesmith.server.views.finetune_estimate import finetune_estimate_lines
from tunesmith.server.views.numbers import describe_seconds, describe_usd


def estimate_lines(estimate: Estimate, target: str) -> list[str]:
    rows = [
        ("target", f"{target} · {estimate.optimizer}"),
        ("examples", describe_examples(estimate)),
        ("program calls", describe_program_calls(estimate)),
        ("LM calls", describe_lm_calls(estimate)),
        ("tokens", f"at most about {about(estimate.prompt_tokens)} in, {about(estimate.completion_tokens)} out"),
        ("cost", describe_price(estimate.usd)),
        ("time", "unknown" if estimate.seconds is None else f"at most about {describe_seconds(estimate.seconds)}"),
    ]
    lines = [f"{name:<14} {text}" for name, text in rows]
    if estimate.finetune is not None:
        lines += ["", "training", *finetune_estimate_lines(estimate.finetune)]
    return [*lines, "", "on what that rests", *rest_lines(estimate.basis)]


def describe_examples(estimate: Estimate) -> str:
    scored = f"{estimate.val:,} to score on"
    return f"{estimate.train:,} to learn from, {scored}" if estimate.train else scored


def describe_program_calls(estimate: Estimate) -> str:
    likely = estimate.expected_program_calls
    expected = f", about {likely:,} likely" if likely is not None and likely < estimate.program_calls else ""
    return f"at most {estimate.program_calls:,}{expected}"


def describe_lm_calls(estimate: Estimate) -> str:
    prompts = f", {estimate.prompt_calls:,} of them to the prompt model" if estimate.prompt_calls else ""
    return f"at most about {estimate.lm_calls:,}{prompts}"


def describe_price(usd: float | None) -> str:
    return describe_usd(usd) if not usd else f"at most about {describe_usd(usd)}"


def rest_lines(basis: list[str]) -> list[str]:
    pairs = [line.partition(": ") for line in basis]
    return [f"  {name:<14} {text}" if text else f"  {name}" for name, _, text in pairs]


def about(count: int) -> str:
    """Two digits that count: more would pretend to know."""
    digits = len(str(count)) - 2
    return f"{round(count, -digits) if digits > 0 else count:,}"
