"""What a training works on: rows in token ids, and settings that fit the model. No weights yet."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.base_models import architecture_of, load_config, load_tokenizer
from tunesmith.optim.finetune.batching import Encoded, encode_rows, encode_what_fits
from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.optim.finetune.rows import Row, read_rows
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training.messages import TrainSpec
from tunesmith.optim.finetune.training.schedule import Schedule
from tunesmith.protocol.student import Architecture, ModelSource

STAND_IN_ROWS = 64
"""Training rows that are scored where there are no development rows: they say how well it fits, not how well it
generalises."""


class Material(Struct, frozen=True, kw_only=True, dict=True):
    """A `TrainSpec`, read."""

    source: ModelSource
    settings: TrainSettings
    """Those of the spec; `max_tokens` is within the model's positions."""
    tokenizer: Any
    architecture: Architecture
    train: list[Encoded]
    refused: dict[str, int]
    """Training rows left out, by reason."""
    dev: list[Encoded]
    """Development rows, or some that are trained on."""
    instructions: str
    """What each task's prompt begins with."""

    @cached_property
    def schedule(self) -> Schedule:
        """Which rows each optimizer step is made of."""
        return Schedule(
            examples=len(self.train),
            batch_examples=self.settings.batch_examples,
            epochs=self.settings.epochs,
            seed=self.settings.seed,
        )

    @cached_property
    def fingerprint(self) -> str:
        """Of all that the weights depend on; hexadecimal."""
        decisive = msgspec.structs.replace(self.settings, threads=None, checkpoint_minutes=1.0)
        return hashlib.sha256(msgspec.json.encode([self.source, decisive, self.train, self.dev])).hexdigest()


def read_material(spec: TrainSpec) -> Material:
    """Raises `FinetuneError` where the model's configuration or tokenizer cannot be loaded, or no row can be trained
    on, and `OSError` where a file of rows is gone."""
    tokenizer, config = load_tokenizer(spec.source), load_config(spec.source)
    architecture = architecture_of(config, spec.source.name)
    settings = _within_context(spec.settings, config)
    prompting = prompting_for(tokenizer, architecture)
    rows = read_rows(Path(spec.train))
    train, refused = encode_rows(rows, prompting, settings)
    dev, _ = encode_what_fits(read_rows(Path(spec.dev)), prompting, settings)
    return Material(
        source=spec.source,
        settings=settings,
        tokenizer=tokenizer,
        architecture=architecture,
        train=train,
        refused=refused,
        dev=dev or train[:STAND_IN_ROWS],
        instructions=_instructions(rows, settings),
    )


def _within_context(settings: TrainSettings, config: Any) -> TrainSettings:
    """A row must fit the positions a model has, a soft prompt before it."""
    context = getattr(config.get_text_config(), "max_position_embeddings", None)
    if not context:
        return settings
    room = context - (settings.prompt.tokens if settings.method == "prompt" else 0)
    return msgspec.structs.replace(settings, max_tokens=min(settings.max_tokens, room))


def _instructions(rows: list[Row], settings: TrainSettings) -> str:
    first = {row.predictor: row.messages[0].content for row in reversed(rows) if row.messages}
    return "\n\n".join(first[task] for task in settings.tasks if task in first)
