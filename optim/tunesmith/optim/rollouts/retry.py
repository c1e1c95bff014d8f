"""Which failures of an LM call pass by themselves, and how long to wait for that."""

from collections.abc import Iterator, Mapping

MAX_WAIT = 60.0
"""Seconds. A provider that asks for longer is not waited for: the rollout fails, and a resumed run tries again."""


def retry_delay(error: BaseException, attempt: int, retries: int) -> float | None:
    """Seconds to wait before retry number `attempt` (from 0), or None where no retry will help.

    Exponential from one second; the provider's Retry-After where it gave one.
    """
    if attempt >= retries or not is_transient(error):
        return None
    hint = _retry_after(error)
    if hint is not None:
        return hint if hint <= MAX_WAIT else None
    return min(2.0**attempt, MAX_WAIT)


def is_transient(error: BaseException) -> bool:
    """Rate limits, timeouts, connection trouble and server errors, as dspy, litellm or a provider's SDK raise them."""
    from dspy.utils.exceptions import is_retryable_lm_error

    return any(
        is_retryable_lm_error(link)
        or isinstance(link, TimeoutError | ConnectionError)
        or _is_transient_status(_status(link))
        for link in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from: dspy wraps what it cannot classify."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status", None) or getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _is_transient_status(status: int | None) -> bool:
    return status is not None and (status in (408, 409, 425, 429) or status >= 500)


def _retry_after(error: BaseException) -> float | None:
    for link in _chain(error):
        value = getattr(link, "retry_after", None)
        if value is None:
            headers = getattr(getattr(link, "response", None), "headers", None)
            value = headers.get("retry-after") if isinstance(headers, Mapping) else None
        try:
            seconds = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue  # none given, or a date: the exponential wait serves
        if seconds >= 0:
            return seconds
    return None
