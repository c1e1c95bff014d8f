"""What the rows of a training will be like, before a teacher was asked: as the adapter renders training examples."""

from collections.abc import Iterator, Sequence
from typing import Any

from tunesmith.optim.adapters import (
    CHARACTERS_PER_TOKEN,
    Message,
    default_adapter,
    filled_fields,
    format_of,
    render_answer,
    render_prompt,
)
from tunesmith.optim.finetune.base_models import load_tokenizer
from tunesmith.optim.finetune.batching import Encoded
from tunesmith.optim.finetune.errors import ModelOutOfReach
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes, measure_rows
from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.protocol.student import Architecture, ModelSource

SAMPLED = 32
"""Examples rendered for each predictor."""


def expected_sizes(
    program: Any, examples: Sequence[Any], adapter: Any, source: ModelSource, architecture: Architecture, *, count: int
) -> tuple[RowSizes, str]:
    """Sizes of `count` rows, and where they come from, in a line.

    In tokens of the model; where its tokenizer is out of reach, of four characters each.
    """
    adapter = adapter or default_adapter()
    rendered = list(_rendered(program, examples[:SAMPLED], adapter))
    try:
        prompting = prompting_for(load_tokenizer(source), architecture)
    except ModelOutOfReach:
        share = format_of(adapter).short_form_share if architecture == "seq2seq" else 1.0
        encoded = [_by_characters(messages, target, task, share) for messages, target, task in rendered]
        basis = f"four characters a token, because {source.name}'s tokenizer is not on this machine"
    else:
        encoded = [
            Encoded(prompting.prompt_ids(messages), prompting.target_ids(target, messages), task)
            for messages, target, task in rendered
        ]
        basis = f"in tokens of {source.name}, as rendered for {len(rendered)} turns of training examples"
    sizes = measure_rows(encoded)
    return RowSizes(
        count=count,
        prompt_tokens=sizes.prompt_tokens,
        longest_prompt=sizes.longest_prompt,
        target_tokens=sizes.target_tokens,
        shared_prefix=sizes.shared_prefix,
    ), basis


def _rendered(program: Any, examples: Sequence[Any], adapter: Any) -> Iterator[tuple[list[Message], str, int]]:
    """Messages, target and task; fields that no example has are filled with a guess."""
    for task, (_, predictor) in enumerate(program.named_predictors()):
        signature = predictor.signature
        for example in examples:
            values = filled_fields(list(signature.fields), example)
            messages = render_prompt(
                adapter, signature, list(predictor.demos), {name: values[name] for name in signature.input_fields}
            )
            target = render_answer(adapter, signature, {name: values[name] for name in signature.output_fields})
            yield [Message(role=one["role"], content=str(one["content"])) for one in messages], target, task


def _by_characters(messages: Sequence[Message], target: str, task: int, share: float) -> Encoded:
    text = "".join(message.content for message in messages)
    text = text[-round(share * len(text)) :]
    return Encoded(_pieces(text), _pieces(target), task)


def _pieces(text: str) -> list[int]:
    return [hash(text[start : start + CHARACTERS_PER_TOKEN]) for start in range(0, len(text), CHARACTERS_PER_TOKEN)]
