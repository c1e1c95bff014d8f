"""What a `compile` call was given, taken instead of compiling."""

from dataclasses import dataclass, field
from typing import Any

import dspy

SETTINGS_AT_SITE = ("lm", "adapter", "rm", "callbacks")
"""Settings that a `with dspy.context(…)` around the call may have changed."""
OPTIONS_KEPT = ("metric_threshold", "max_bootstrapped_demos", "max_labeled_demos", "max_rounds", "max_errors", "auto")
"""What an optimizer was constructed with and the run should respect."""


@dataclass(frozen=True, slots=True)
class Handover:
    """The arguments of a `compile` call, None where it had none, and what held around it."""

    student: Any
    teacher: Any
    metric: Any
    trainset: Any
    valset: Any
    settings: dict[str, Any] = field(default_factory=dict)
    """For `dspy.context`."""
    options: dict[str, Any] = field(default_factory=dict)
    """The optimizer's own, of those in `OPTIONS_KEPT`."""


def handed_over(optimizer: Any, arguments: dict[str, Any]) -> Handover:
    """To be called at the site, so that the settings are those the compilation would have seen."""
    settings = dspy.settings.copy()
    options = {name: getattr(optimizer, name, None) for name in OPTIONS_KEPT}
    return Handover(
        student=arguments.get("student", arguments.get("program")),
        teacher=arguments.get("teacher"),
        metric=arguments.get("metric", getattr(optimizer, "metric", None)),
        trainset=arguments.get("trainset"),
        valset=arguments.get("valset"),
        settings={name: settings[name] for name in SETTINGS_AT_SITE if settings.get(name)},
        options={name: value for name, value in options.items() if isinstance(value, int | float | str)},
    )
