"""`mipro-v2`, as the daemon runs it: what is only likely luck does not replace the program."""

from typing import Any

import dspy

from tunesmith.optim.mipro_v2.optimizer import MIPROv2
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.protocol import RunSpec


def search_prompts(
    run: Run, spec: RunSpec, resolved: Resolved, models: LanguageModels, options: dict[str, Any]
) -> tuple[dspy.Module, TuneOutcome]:
    task_model = models.settings.get("lm") or models.used[0]
    optimizer = MIPROv2(
        resolved.metric,
        prompt_model=models.prompt or task_model,
        task_model=task_model,
        num_threads=spec.threads,
        seed=spec.seed,
        track_stats=False,
        run=run,
        **{"selection": "likely" if spec.keep_baseline else "max", **options},
    )
    tuned = optimizer.compile(
        resolved.program, teacher=resolved.teacher, trainset=resolved.trainset, valset=resolved.valset
    )
    return tuned, optimizer.outcome
