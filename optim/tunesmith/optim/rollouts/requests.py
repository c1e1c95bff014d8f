"""An LM request in canonical form: what makes two calls the same call, and what the store may keep of it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tunesmith.optim.adapters import engine_of
from tunesmith.optim.dspy_types import LanguageModel
from tunesmith.optim.rollouts.plain_values import digest, to_plain

_CREDENTIAL = re.compile(
    r"(api_?key|(^|_)key|secret|password|(^|_)token|credentials?|authorization|headers?|cookies?)$"
)
_ENDPOINTS = ("api_base", "base_url")
LOCAL_HOMES = ("tunesmith.optim.local_lms", "tunesmith.optim.finetune", "dspy.utils.dummies")
"""Modules whose LMs and engines compute on this machine."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})


def canonical_request(lm: LanguageModel | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The messages or prompt and every setting of a call, without credentials, as plain data."""
    request = {**public_settings(getattr(lm, "kwargs", {})), **public_settings(kwargs)}
    if args:
        request["prompt"] = args[0] if len(args) == 1 else list(args)
    return {name: to_plain(request[name]) for name in sorted(request) if request[name] is not None}


def public_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without credentials and addresses."""
    return {
        name: value
        for name, value in settings.items()
        if not _CREDENTIAL.search(name.lower()) and name not in _ENDPOINTS
    }


def lm_fingerprint(lm: LanguageModel | None) -> str:
    """Class, model, endpoint and settings of an LM; credentials left out.

    The port of a loopback endpoint is left out too: a local server is given another one each time it starts.
    """
    if lm is None:
        return "none"
    cls = type(lm)
    engine = engine_of(lm)
    return digest(
        f"{cls.__module__}.{cls.__qualname__}",
        str(getattr(lm, "model", "")),
        str(getattr(lm, "model_type", "")),
        "" if engine is None else f"{type(engine).__module__}.{type(engine).__qualname__}",
        _endpoint(lm),
        to_plain(dict(sorted(public_settings(getattr(lm, "kwargs", {})).items()))),
    )


def is_local(lm: LanguageModel | None) -> bool:
    """The LM runs on this machine, so that a call costs nothing: a loopback endpoint, our own engine, a dummy."""
    if _endpoint(lm) == "loopback":
        return True
    homes = {cls.__module__ for cls in type(lm).__mro__} | {type(engine_of(lm)).__module__}
    return any(home.startswith(LOCAL_HOMES) for home in homes)


def _endpoint(lm: LanguageModel | None) -> str:
    settings = getattr(lm, "kwargs", {})
    address = next((settings[name] for name in _ENDPOINTS if settings.get(name)), None)
    if not isinstance(address, str):
        return ""
    return "loopback" if urlsplit(address).hostname in _LOOPBACK else address
