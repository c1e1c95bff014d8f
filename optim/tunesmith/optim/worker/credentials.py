"""Noticing that a provider's key is missing or refused, and naming the environment variable it is read from."""

from collections.abc import Iterable, Iterator
from typing import Any

import dspy

from tunesmith.optim.adapters import engine_of
from tunesmith.optim.errors import RunError

AUTHENTICATION_STATUS = 401
REFUSALS = frozenset({"LMAuthError", "AuthenticationError", "PermissionDeniedError"})
"""Exception classes of dspy, litellm and the providers' own packages."""


class KeyMissing(RunError):
    """The run waits until its user gives a key."""


def require_keys(lms: Iterable[dspy.BaseLM]) -> None:
    """Raise `KeyMissing` for the first model whose provider reads its key from a variable that is not set.

    Providers that need no key, or whose credentials may come from elsewhere (instance roles, proxies), pass.
    """
    for lm in lms:
        if (variable := _unset_variable(lm)) is not None:
            raise KeyMissing(
                f"{lm.model} needs a key, and {variable} is not set.",
                next_step=f"Set {variable} in the environment you start from, then resume the run.",
            )


def refused_key(error: BaseException) -> KeyMissing | None:
    """What to tell where the error, or what it was raised from, is a provider's refusal of a key."""
    for link in _chain(error):
        if type(link).__name__ in REFUSALS or getattr(link, "status_code", None) == AUTHENTICATION_STATUS:
            model = str(getattr(link, "model", None) or "")
            provider = getattr(link, "llm_provider", None) or getattr(link, "provider", None) or model.partition("/")[0]
            variable = f"{provider.upper().replace('-', '_')}_API_KEY" if provider else "its API key"
            return KeyMissing(
                f"{model or 'The model'} refused the key it was given: {link}",
                next_step=f"Set {variable} to a valid key in the environment you start from, then resume the run.",
            )
    return None


def _unset_variable(lm: dspy.BaseLM) -> str | None:
    if type(lm) is not dspy.LM or _brings_its_own(lm):
        return None
    import litellm

    # It prints about providers it does not know.
    litellm.suppress_debug_info = True
    provider = str(lm.model).partition("/")[0]
    if litellm.api_key or getattr(litellm, f"{provider}_key", None):
        return None
    missing: list[str] = litellm.validate_environment(lm.model)["missing_keys"]
    return next((name for name in sorted(missing) if name.endswith("_API_KEY")), None)


def _brings_its_own(lm: Any) -> bool:
    given = ("api_key", "api_base", "base_url", "headers", "extra_headers", "azure_ad_token")
    return any(lm.kwargs.get(name) for name in given) or engine_of(lm) is not None


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__
