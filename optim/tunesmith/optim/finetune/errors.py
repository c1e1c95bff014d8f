"""Errors of finetuning.

FinetuneError
├── ExtraMissing          torch and its company are not installed
├── ModelUnknown          a name that is no model here
├── ModelOutOfReach       a model of the hub, and no network
├── ModelUnsupported      a model that is neither a decoder nor an encoder-decoder
├── NoSharedPredictor     teacher and student have no predictor in common
├── NoPassingTraces       the teacher got nothing right
├── TargetsNotExpressible the tokenizer cannot write the answers
├── NothingToTrain        every row was refused
├── MemoryTooSmall        refused before starting, with what fits
├── LossNotFinite         training diverged
├── CheckpointNotWritten  the disk is full, or the folder cannot be written
├── DeviceLost            the accelerator is gone
├── TrainingDied          the training process ended without a word
├── StudentMissing        a student's folder is gone, or is none
└── ExportRefused         a format that cannot hold this student
"""

from pathlib import Path

from tunesmith.optim.errors import OptimError
from tunesmith.protocol import BOOTSTRAP_FINETUNE


class FinetuneError(OptimError):
    """Base of what can go wrong while finetuning. `next_step` is what the user can do."""

    def __init__(self, message: str, next_step: str) -> None:
        self.message = message
        self.next_step = next_step
        super().__init__(f"{message} {next_step}")


class ExtraMissing(FinetuneError):
    """A package of the extra `finetune`, or one that a setting needs, is not installed."""

    def __init__(self, module: str) -> None:
        super().__init__(
            f"Finetuning needs {module} in this environment.", "Run `pip install 'tunesmith[finetune]'` beside dspy."
        )


class ModelUnknown(FinetuneError):
    """A name to start from that is neither a file, a folder, an id of the hub nor a local model."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            f"{name!r} is no model: neither a file, a folder, a Hugging Face id nor one of {', '.join(known)}.",
            "Give a folder with config.json, a .gguf file, or an id such as google/flan-t5-small.",
        )


class ModelOutOfReach(FinetuneError):
    """A model of the hub that is not here and cannot be fetched: no network, no such id, no permission."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} cannot be fetched: {reason}.",
            "Check the id and the network, or download the model elsewhere and give its folder.",
        )


class ModelUnsupported(FinetuneError):
    """A configuration that is no text generator's."""

    def __init__(self, name: str, architecture: str) -> None:
        super().__init__(
            f"{name} is a {architecture}, which is neither a causal nor a sequence-to-sequence language model.",
            "Choose a model such as local/smollm2-135m or google/flan-t5-small.",
        )


class NoSharedPredictor(FinetuneError):
    """A teacher and the student have no predictor of the same name, so that no trace could become a row."""

    def __init__(self, teachers: list[str], students: list[str]) -> None:
        super().__init__(
            f"Teacher ({', '.join(teachers) or 'none'}) and student ({', '.join(students) or 'none'}) have no "
            "predictor of the same name.",
            "Use a teacher of the student's class, or give its predictors the same names.",
        )


class NoPassingTraces(FinetuneError):
    """Every run of the teachers ended, or the first ones all failed, and the metric accepted none."""

    def __init__(self, tried: int, reasons: dict[str, int]) -> None:
        why = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items(), key=lambda item: -item[1]))
        super().__init__(
            f"None of {tried} teacher runs passed the metric ({why or 'nothing was tried'}).",
            "Give a stronger teacher (`--teacher-lm`), lower the metric's threshold, or look at "
            "`tunesmith runs show RUN --example 0`.",
        )


class TargetsNotExpressible(FinetuneError):
    """More than 1 % of the answers do not survive the model's tokenizer."""

    def __init__(self, count: int, rows: int, example: str) -> None:
        super().__init__(
            f"The model's tokenizer cannot write {count} of {rows} answers exactly, for example {example!r:.120}.",
            "Choose a model with a byte-level tokenizer, such as local/smollm2-135m.",
        )


class NothingToTrain(FinetuneError):
    """No turn makes a row, or every row was refused; `refused`: how many, by reason."""

    def __init__(self, refused: dict[str, int]) -> None:
        why = ", ".join(f"{count} {reason}" for reason, count in refused.items())
        super().__init__(
            f"No row can be trained on ({why or 'there are none'}).", "Raise max_tokens, or give more training data."
        )


class MemoryTooSmall(FinetuneError):
    """A training needs more bytes than are free, found before it starts; `fits`: the nearest settings that do."""

    def __init__(self, wanted: str, needed_bytes: int, free_bytes: int, where: str, fits: str | None) -> None:
        nearest = f"What fits: {fits}." if fits else "Nothing fits: choose a smaller model."
        super().__init__(
            f"{wanted} needs about {needed_bytes / 1e9:.1f} GB, and {where} has {free_bytes / 1e9:.1f} GB free.",
            nearest,
        )


class LossNotFinite(FinetuneError):
    """Loss or gradient became infinite or no number at this optimizer step."""

    def __init__(self, step: int, learning_rate: float) -> None:
        super().__init__(
            f"The loss was not a number at step {step}.",
            f"Lower the learning rate (it was {learning_rate:g}), or train in fp32. "
            "The best weights before it are kept.",
        )


class CheckpointNotWritten(FinetuneError):
    """A checkpoint could not be written: no space, no permission."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder} cannot be written: {reason}.",
            "Free space or make it writable, then resume: the checkpoint before this one is intact.",
        )


class DeviceLost(FinetuneError):
    """torch reports a failure of the accelerator itself."""

    def __init__(self, device: str, reason: str) -> None:
        super().__init__(
            f"The device {device} failed: {reason}.", "Resume the run: it goes on from the last checkpoint."
        )


class TrainingDied(FinetuneError):
    """The training process ended without saying how, or was killed because it did not stop."""

    def __init__(self, ending: str, last_words: str) -> None:
        said = f" It last said: {last_words}" if last_words else ""
        super().__init__(
            f"The training process ended early ({ending}).{said}",
            "Resume the run: it goes on from the last checkpoint.",
        )


class StudentMissing(FinetuneError):
    """A student's folder is gone, incomplete, or holds other weights than those it was saved with."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder} is no finetuned model: {reason}.",
            "Apply the run again, or train anew with "
            f"`tunesmith optimize TARGET --optimizer {BOOTSTRAP_FINETUNE.name}`.",
        )


class ExportRefused(FinetuneError):
    """A format cannot hold this student: its method, its family, or where it came from."""

    def __init__(self, format_: str, reason: str, alternative: str) -> None:
        super().__init__(f"This student cannot be exported as {format_}: {reason}.", alternative)
