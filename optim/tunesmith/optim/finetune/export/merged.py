"""A student as one complete model, whatever it was trained as."""

from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.optim.finetune.base_models import load_model, load_tokenizer, quiet_transformers
from tunesmith.optim.finetune.errors import ExportRefused
from tunesmith.optim.finetune.export.formats import Format
from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.optim.finetune.strategies import attach_weights
from tunesmith.protocol.student import TOKENIZER, ModelSource, Student


class Merged(NamedTuple):
    """What other programs can take: no adapter, and settings for generation."""

    model: Any
    """A transformers model in fp32 without adapter layers."""
    tokenizer: Any


def merge_student(folder: Path, student: Student, source: ModelSource, format_: Format) -> Merged:
    """LoRA added into the weights. `source` is where the student's lies now.

    Raises `ExportRefused` for a soft prompt, and `FinetuneError` where source or weights cannot be loaded.
    """
    if student.method == "prompt":
        raise ExportRefused(
            format_,
            "a soft prompt is no text and no weight that other programs could take",
            f"Serve it from this environment: `tunesmith model serve {folder}`, or `load_student`.",
        )
    attached = attach_weights(None if student.weights == "model" else load_model(source), folder)
    with quiet_transformers():
        model = attached.merge_and_unload() if student.weights == "adapter" else attached
    tokenizer = load_tokenizer(ModelSource(name=str(folder), kind="folder", path=str(folder / TOKENIZER)))
    _settle_generation(model, tokenizer, student)
    return Merged(model, tokenizer)


def save_merged(merged: Merged, folder: Path) -> None:
    """A Hugging Face folder: safetensors, tokenizer with its chat template, generation settings."""
    with quiet_transformers():
        merged.model.save_pretrained(folder)
        merged.tokenizer.save_pretrained(folder)


def _settle_generation(model: Any, tokenizer: Any, student: Student) -> None:
    """Greedy, ended by what ended the answers it learned: what other programs read from generation_config.json."""
    settings = model.generation_config
    settings.eos_token_id = list(prompting_for(tokenizer, student.architecture).end_ids)
    settings.pad_token_id = tokenizer.pad_token_id
    settings.max_new_tokens = student.max_new_tokens
    settings.do_sample = False
    settings.temperature = settings.top_p = settings.top_k = None
