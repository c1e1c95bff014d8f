"""Which language models a run uses: the program's own, else the configuration's, else a flag's, later ones winning."""

from dataclasses import dataclass
from typing import Any

import dspy

from tunesmith.optim.errors import RunError
from tunesmith.optim.local_lms import resolve_lm
from tunesmith.optim.target_loading.resolve import Resolved
from tunesmith.protocol import ConfiguredTarget, RunSpec


@dataclass(frozen=True, slots=True)
class LanguageModels:
    """The models of a run, by what they are for."""

    settings: dict[str, Any]
    """For `dspy.context` around the run."""
    teacher: dspy.BaseLM | None
    """None: the teacher uses what its program uses."""
    prompt: dspy.BaseLM | None
    """Writes instructions; None: what the program uses."""
    used: list[dspy.BaseLM]
    """Every model the run may call."""

    @property
    def default(self) -> Any:
        """What predictors without a model of their own ask; None: each has one."""
        return self.settings.get("lm")

    @property
    def task(self) -> Any:
        """What the program asks; of several, the first."""
        return self.default or self.used[0]

    @property
    def writer(self) -> Any:
        """What writes instructions."""
        return self.prompt or self.task


def choose_language_models(spec: RunSpec, resolved: Resolved) -> LanguageModels:
    """Predictors that carry an LM of their own keep it. Raises `RunError` where a predictor has none to use."""
    configured = spec.target if isinstance(spec.target, ConfiguredTarget) else None
    name = spec.lm or (configured.lm if configured else None)
    teacher_name = spec.teacher_lm or (configured.teacher_lm if configured else None)
    prompt_name = spec.prompt_lm or (configured.prompt_lm if configured else None)
    default = resolve_lm(name) if name else resolved.settings.get("lm") or dspy.settings.lm
    teacher = resolve_lm(teacher_name) if teacher_name else None
    prompt = resolve_lm(prompt_name) if prompt_name else None
    own = [predictor.lm for predictor in resolved.program.predictors()]
    if default is None and (None in own or not own):
        raise RunError(
            "No language model is configured.",
            next_step='Name one in pyproject.toml (`[tool.tunesmith] lm = "openai/gpt-4o-mini"`), on the command line '
            "(`--lm`), or in the program (`dspy.configure(lm=...)` where it is imported).",
        )
    used = [lm for lm in (default, teacher, prompt, *own) if lm is not None]
    settings = {**resolved.settings, "lm": default} if default is not None else dict(resolved.settings)
    return LanguageModels(
        settings=settings, teacher=teacher, prompt=prompt, used=list({id(lm): lm for lm in used}.values())
    )
