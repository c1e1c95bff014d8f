"""Students of tiny random models, saved as training saves them. Import it after `pytest.importorskip("torch")`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.students.tiny_models import SEQ2SEQ_KINDS, Kind, tiny_model, tiny_tokenizer
from tunesmith.optim.finetune.settings import LoraSettings, PromptSettings, TrainSettings
from tunesmith.optim.finetune.strategies.apply import apply_method
from tunesmith.optim.finetune.strategies.weights import save_weights, weights_fingerprint
from tunesmith.protocol.student import TOKENIZER, Architecture, Method, ModelSource, Student, write_student

SCALES: dict[Architecture, float] = {"causal": 12.0, "seq2seq": 6.0}


def architecture_of(kind: Kind) -> Architecture:
    return "seq2seq" if kind in SEQ2SEQ_KINDS else "causal"


def tiny_student(
    folder: Path,
    kind: Kind,
    method: Method,
    *,
    tasks: Sequence[str] = ("predict",),
    seed: int = 1,
    max_new_tokens: int = 12,
) -> tuple[Path, Any]:
    """The student's folder, its base model beside it, and the model that was saved: weights moved at random."""
    base = folder / "base"
    if not base.exists():
        lively_model(kind).save_pretrained(base)
        tiny_tokenizer(kind).save_pretrained(base)
    student = folder / f"{method}-{seed}"
    source = ModelSource(name=str(base), kind="folder", path=str(base))
    model = moved(lively_model(kind), kind, method, tasks, seed)
    settings = train_settings(method, tasks)
    weights = save_weights(model, student, settings)
    tiny_tokenizer(kind).save_pretrained(student / TOKENIZER)
    manifest = Student(
        source=source,
        architecture=architecture_of(kind),
        method=method,
        tasks=list(tasks),
        weights=weights,
        max_new_tokens=max_new_tokens,
        fingerprint=weights_fingerprint(student),
        created=0.0,
    )
    write_student(student, manifest)
    return student, model.eval()


def lively_model(kind: Kind) -> Any:
    """Weights large enough that answers depend on the prompt and do not repeat one token."""
    import torch

    model = tiny_model(kind)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2:
                parameter.mul_(1.0 if "embed" in name or "shared" in name else SCALES[architecture_of(kind)])
    return model


def train_settings(method: Method, tasks: Sequence[str]) -> TrainSettings:
    return TrainSettings(
        method=method, tasks=list(tasks), lora=LoraSettings(rank=4, alpha=8), prompt=PromptSettings(tokens=5)
    )


def moved(model: Any, kind: Kind, method: Method, tasks: Sequence[str], seed: int) -> Any:
    """What `method` trains of the model, moved far enough to change answers."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        changed = apply_method(
            model,
            train_settings(method, tasks),
            architecture=architecture_of(kind),
            prompt_text=None,
            tokenizer=tiny_tokenizer(kind),
        )
        with torch.no_grad():
            for parameter in changed.parameters():
                if parameter.requires_grad:
                    parameter.add_(torch.randn_like(parameter) * 0.1)
    return changed
