"""From a student's folder to a dspy LM."""

import hashlib
from pathlib import Path
from typing import Any, Literal

import dspy
import msgspec

from tunesmith.optim.adapters import takes_engines
from tunesmith.optim.finetune.serving.backends import Served
from tunesmith.optim.finetune.serving.opening import served_student, student_name, task_number
from tunesmith.protocol.student import Architecture, ModelSource


def load_student(
    path: str | Path,
    *,
    task: str | None = None,
    engine: Literal["auto", "torch", "ctranslate2", "llama"] = "auto",
    **lm_kwargs: Any,
) -> dspy.BaseLM:
    """The finetuned model in the folder `path`, for `program.set_lm`.

    `task` is needed where one soft prompt was learned for each of several predictors: the predictor's name. `engine`
    is what computes: what was exported beside the student and is still the same model, otherwise torch. Loads nothing
    heavy: the model is loaded by the first call, once a process. Greedy, with room for the longest answer it learned,
    unless `lm_kwargs` say otherwise; its calls cost 0 USD (`is_local`).

    Raises `StudentMissing` where the folder is gone, incomplete or holds other weights than it should, and
    `FinetuneError` for a task or engine that it does not have.
    """
    folder = Path(path).expanduser().resolve()
    student, served = served_student(folder, engine)
    settings = {"max_tokens": student.max_new_tokens, **lm_kwargs}
    return _lm(student_name(folder, student), served, task_number(student, task), settings)


def load_untuned(source: ModelSource, architecture: Architecture, **lm_kwargs: Any) -> dspy.BaseLM:
    """A model as it came, prompted and computed exactly as its students are: what they are compared with."""
    named = hashlib.sha256(msgspec.json.encode(source)).hexdigest()
    served = Served(folder=None, fingerprint=named, source=source, architecture=architecture)
    return _lm(f"untuned/{source.name}", served, 0, {"max_tokens": 200, **lm_kwargs})


def _lm(name: str, served: Served, task: int, settings: dict[str, Any]) -> dspy.BaseLM:
    settings = {"temperature": 0.0, **settings}
    if takes_engines():
        from tunesmith.optim.finetune.serving.engine import AsyncStudentEngine, StudentEngine

        limits = served, settings["max_tokens"], task
        lm = dspy.LM(name, engine=StudentEngine(*limits), async_engine=AsyncStudentEngine(*limits), **settings)
    else:
        from tunesmith.optim.finetune.serving.http import kept_server

        server = kept_server(served, settings["max_tokens"], task)
        lm = dspy.LM(f"openai/{name}", api_base=server.api_base, api_key=server.token, **settings)
    lm.is_local = True
    return lm
