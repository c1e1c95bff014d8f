"""From the name of a language model to a dspy LM."""

from typing import Any

import dspy

from tunesmith.optim.adapters import takes_engines
from tunesmith.protocol.models import LOCAL_PREFIX, fetched_path, find_model

LOCAL_DEFAULTS: dict[str, Any] = {"temperature": 0.0, "max_tokens": 200}
"""A small model that misses the format rambles; two hundred tokens hold any answer it can give."""


def resolve_lm(name: str, **kwargs: Any) -> dspy.BaseLM:
    """`local/NAME` is a model of our catalog, anything else what `dspy.LM` makes of it.

    A local LM carries `is_local = True`: its calls cost 0 USD. Raises `UnknownModel`, `ModelMissing` and
    `LocalRuntimeMissing`, each with the next step.
    """
    if not name.startswith(LOCAL_PREFIX):
        return dspy.LM(name, **kwargs)
    model = find_model(name)
    fetched_path(model)
    settings = {**LOCAL_DEFAULTS, **kwargs}
    if takes_engines():
        from tunesmith.optim.local_lms.engine import AsyncLocalEngine, LocalEngine

        lm = dspy.LM(name, engine=LocalEngine(model.name), async_engine=AsyncLocalEngine(model.name), **settings)
    else:
        from tunesmith.optim.local_lms.server import kept_server

        server = kept_server(model.name)
        lm = dspy.LM(f"openai/{model.name}", api_base=server.api_base, api_key=server.api_key, **settings)
    lm.is_local = True
    return lm
