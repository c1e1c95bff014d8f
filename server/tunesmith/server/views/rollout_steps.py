"""A rollout step by step: what every predictor was given and said, the raw prompt and completion behind it, and
what tools and retrievers returned."""

import json
from collections.abc import Iterator
from typing import Any

from tunesmith.protocol import LmCall, Rollout, Step
from tunesmith.protocol.session_messages import RunDetail
from tunesmith.server.text import describe_seconds_precisely


def example_lines(detail: RunDetail) -> Iterator[str]:
    """Every rollout in `detail`, one after the other."""
    calls = {call.key: call for call in detail.calls}
    names = {candidate.id: candidate.name for candidate in detail.candidates}
    for number, rollout in enumerate(detail.rollouts):
        if number:
            yield from ("", "─" * 80, "")
        yield from rollout_lines(rollout, calls, names.get(rollout.candidate, rollout.candidate))


def rollout_lines(rollout: Rollout, calls: dict[str, LmCall], candidate: str) -> Iterator[str]:
    """`calls` by key; `candidate` is the name of the program variant that ran."""
    judged = rollout.status if rollout.score is None else f"{rollout.status}, score {rollout.score:g}"
    accepted = ", accepted" if rollout.accepted else ""
    took = describe_seconds_precisely(rollout.seconds)
    yield f"example {rollout.index} ({rollout.split}) · {candidate} · {judged}{accepted} · {took}"
    for number, step in enumerate(rollout.steps, start=1):
        yield ""
        yield from step_lines(number, step, calls)
    yield ""
    yield "prediction"
    yield from value_lines(rollout.prediction)
    if rollout.feedback:
        yield f"feedback: {rollout.feedback}"
    if rollout.error:
        yield f"error: {rollout.error}"


def step_lines(number: int, step: Step, calls: dict[str, LmCall]) -> Iterator[str]:
    """What a predictor, tool or retriever was given and returned; `calls` by key."""
    yield f"{number}. {step.kind} {step.name} · {describe_seconds_precisely(step.seconds)}"
    yield "  inputs"
    yield from value_lines(step.inputs)
    for key in step.calls:
        call = calls.get(key)
        if call is not None:
            yield from call_lines(call)
    if step.reasoning:
        yield "  reasoning"
        yield from indented(step.reasoning)
    yield "  outputs" if step.kind == "predictor" else "  returned"
    yield from value_lines(step.outputs)
    if step.error:
        yield f"  error: {step.error}"


def call_lines(call: LmCall) -> Iterator[str]:
    """The raw messages and completions of a call."""
    cached = ", from the cache" if call.cache_hit else ""
    yield f"  prompt to {call.model} ({call.prompt_tokens} tokens in, {call.completion_tokens} out{cached})"
    messages = call.request.get("messages")
    if isinstance(messages, list):
        for message in messages:
            yield f"    [{message.get('role')}]"
            yield from indented(content_text(message.get("content")), 6)
    else:
        yield from indented(as_text(call.request.get("prompt")))
    for output in call.outputs:
        yield "  completion"
        yield from indented(as_text(output))


def content_text(content: Any) -> str:
    """A message's content: text, or parts of which most are text."""
    if not isinstance(content, list):
        return as_text(content)
    return "\n".join(as_text(part.get("text", part) if isinstance(part, dict) else part) for part in content)


def value_lines(values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        first, *rest = as_text(value).splitlines() or [""]
        yield f"    {name}: {first}"
        yield from indented("\n".join(rest), 6) if rest else ()


def indented(text: str, by: int = 4) -> list[str]:
    return [f"{' ' * by}{line}".rstrip() for line in text.splitlines()]


def as_text(value: Any) -> str:
    """Text as it is; anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
