"""Which model a student is made from."""

from typing import Any

import dspy

from tunesmith.optim.finetune.base_models.identifying import identify
from tunesmith.optim.finetune.errors import FinetuneError, ModelUnknown
from tunesmith.protocol.student import ModelSource


def model_to_train(name: str | None, student: Any) -> ModelSource:
    """`name`, or the model of the student's own language model where that can be trained on this machine.

    Raises `FinetuneError` where nothing names a trainable model, and what `identify` raises. `ValueError`, as dspy's,
    where neither a name nor a language model is given.
    """
    if name is not None:
        return identify(name)
    names: list[str] = []
    for number, predictor in enumerate(student.predictors()):
        lm = predictor.lm or dspy.settings.lm
        if lm is None:
            raise ValueError(
                f"Predictor {number} does not have an LM assigned, and no model to train is named: pass model=…, or "
                "set one with your_module.set_lm(your_lm)."
            )
        names.append(str(getattr(lm, "finetuning_model", None) or getattr(lm, "model", "")))
    for candidate in dict.fromkeys(names):
        try:
            source = identify(candidate)
        except ModelUnknown:
            continue
        # `provider/model` looks like a model of the hub; only what lies here is taken without being named.
        if source.kind != "hub":
            return source
    raise FinetuneError(
        f"{', '.join(dict.fromkeys(names))} cannot be trained on this machine.",
        "Name the model to train: `--model local/smollm2-135m`, or model=… in code.",
    )
