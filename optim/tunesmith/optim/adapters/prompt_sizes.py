"""How long a program's prompts and answers are, as its adapter renders them for a few examples. No call is made."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import dspy
from msgspec import Struct

from tunesmith.optim.adapters.dspy_api import adapter_in_force
from tunesmith.optim.adapters.messages import CHARACTERS_PER_TOKEN, render_answer, render_prompt
from tunesmith.optim.dspy_types import Adapter, LanguageModel, Predictor

SAMPLED = 8
"""Examples rendered for each predictor."""
ASSUMED_TOKENS = 60
"""Of a field whose value no training example has: what an earlier predictor says, retrieved text, reasoning."""


class PromptSize(Struct, frozen=True, kw_only=True):
    """Mean tokens of one turn of a predictor."""

    predictor: str
    lm: LanguageModel | None
    """None: the program's."""
    prompt: float
    """With the demos it has now."""
    demo: float
    """Added by each further demo."""
    completion: float
    assumed: list[str]
    """Fields whose length is a guess."""


def measure_prompts(program: dspy.Module, examples: Sequence[dspy.Example]) -> list[PromptSize]:
    """One entry a predictor, in the program's order. Uses the adapter of the settings; raises what that raises."""
    adapter = adapter_in_force()
    return [_measure(name, predictor, adapter, examples[:SAMPLED]) for name, predictor in program.named_predictors()]


def _measure(name: str, predictor: Predictor, adapter: Adapter, examples: Sequence[dspy.Example]) -> PromptSize:
    signature = predictor.signature
    fields = list(signature.fields)
    assumed = [field for field in fields if not any(field in example for example in examples)]
    filled = [filled_fields(fields, example) for example in examples] or [filled_fields(fields, {})]
    own = list(predictor.demos)
    inputs = [{field: values[field] for field in signature.input_fields} for values in filled]
    plain = [_tokens(render_prompt(adapter, signature, own, given)) for given in inputs]
    shown = [
        _tokens(render_prompt(adapter, signature, [*own, demo], given))
        for demo, given in zip(filled, itertools.islice(itertools.cycle(inputs), 1, None), strict=False)
    ]
    answers = [
        render_answer(adapter, signature, {field: values[field] for field in signature.output_fields})
        for values in filled
    ]
    return PromptSize(
        predictor=name,
        lm=predictor.lm,
        prompt=_mean(plain),
        demo=max(0.0, _mean(shown) - _mean(plain)),
        completion=_mean([len(str(answer)) / CHARACTERS_PER_TOKEN for answer in answers]),
        assumed=assumed,
    )


def filled_fields(fields: Sequence[str], example: Any) -> dict[str, Any]:
    """Values of the fields: the example's, else text of `ASSUMED_TOKENS`."""
    guess = "x" * (ASSUMED_TOKENS * CHARACTERS_PER_TOKEN)
    return {field: example.get(field, guess) for field in fields}


def _tokens(messages: Sequence[dict[str, Any]]) -> float:
    return sum(len(text) for message in messages for text in _texts(message.get("content"))) / CHARACTERS_PER_TOKEN


def _texts(content: Any) -> Iterator[str]:
    """A message's content is text, or parts of which some are; images and the like are not counted."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from (part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
