"""What is asked of the installed dspy where its versions differ, or its public names do not tell."""

import inspect
import re
from typing import Any

from tunesmith.optim.dspy_types import Adapter, LanguageModel
from tunesmith.protocol.dspy_versions import Version, facts_of

GRAMMAR_KEY = "tunesmith_grammar"
"""Where a grammar travels to an engine: `metadata` is what dspy passes verbatim from a call's keywords."""


def installed_version() -> Version:
    """Of the dspy that is imported."""
    import dspy

    major, minor, *_ = re.findall(r"\d+", dspy.__version__)
    return int(major), int(minor)


def default_adapter() -> Adapter:
    """A new adapter like the one dspy calls through where its settings name none."""
    import dspy

    default = facts_of(installed_version()).default_adapter
    adapter: Adapter = getattr(dspy, default.name)(**default.arguments)
    return adapter


def adapter_in_force() -> Adapter:
    """The adapter that a predictor called now would be rendered by: that of dspy's settings, else its default."""
    import dspy

    return dspy.settings.adapter or default_adapter()


def takes_engines() -> bool:
    """Whether this dspy's `LM` runs engines of others (3.4 on)."""
    import dspy

    return "engine" in inspect.signature(dspy.LM.__init__).parameters


def engine_of(lm: Any) -> Any:
    """The engine object that an LM was made with; None where dspy computes, or one of its own engines was named."""
    engine = getattr(lm, "_engine_spec", None)
    return None if isinstance(engine, str) else engine


def grammar_keywords(lm: LanguageModel, grammar: str) -> dict[str, Any]:
    """Keywords of a call that bring a grammar to a local model: to an engine as metadata, over HTTP in the body."""
    if isinstance(getattr(lm, "engine", None), str | None):
        return {"extra_body": {"grammar": grammar}}
    return {"metadata": {GRAMMAR_KEY: grammar}}
