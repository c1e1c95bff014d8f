"""From how many answers on a student is cheaper than asking an API.

    N = fixed / (api · (1 - fallback) - student)

`fixed` is what the student costs before its first answer: the teacher's calls and the training. A share `fallback` of
the questions still goes to the API. Hardware is paid by the time an answer takes, or by the month whether it answers
or not; then N is the answers a month from which that pays.
"""

from msgspec import Struct

from tunesmith.optim.finetune.forecast.cost import TokenPrice
from tunesmith.protocol import BreakEven

HOURS_A_MONTH = 730.0
UTILISATION = 0.5
"""Share of the paid time that hardware paid by use is busy: it starts, waits and stops. An assumption."""


class Served(Struct, frozen=True, kw_only=True):
    """How a student answers."""

    name: str
    """Of the hardware."""
    usd_per_hour: float
    queries_per_second: float
    """While it is busy."""

    @property
    def usd_per_query(self) -> float:
        """US dollars an answer, on hardware that is paid by use."""
        return self.usd_per_hour / (3600 * self.queries_per_second * UTILISATION)


def break_even_by_use(
    price: TokenPrice,
    *,
    prompt_tokens: float,
    completion_tokens: float,
    fixed_usd: float,
    served: Served | None,
    fallback: float = 0.0,
) -> BreakEven:
    """Answers from which a student is cheaper than the API, on hardware that is paid while it answers.

    Tokens are those of a question to the API. `fixed_usd` comes before the first answer; `served` None: hardware that
    is there anyway and costs nothing more; `fallback`: the share of questions that still goes to the API.
    """
    asked = price.of_call(prompt_tokens, completion_tokens)
    own = 0.0 if served is None else served.usd_per_query
    name = "hardware that is there anyway" if served is None else f"{served.name} by use"
    return BreakEven(
        api=f"{price.model}, {name}",
        queries=_queries(fixed_usd, asked * (1 - fallback) - own),
        basis=f"{_usd(fixed_usd)} before the first answer; an answer costs {_usd(asked)} at the API, {_usd(own)} on "
        f"{name}{_falling_back(fallback)}",
    )


def break_even_always_on(
    price: TokenPrice,
    *,
    prompt_tokens: float,
    completion_tokens: float,
    served: Served,
    fallback: float = 0.0,
) -> BreakEven:
    """Answers a month from which hardware that is never switched off is cheaper than the API.

    `queries` is None also where it could not answer so many.
    """
    asked = price.of_call(prompt_tokens, completion_tokens)
    month = served.usd_per_hour * HOURS_A_MONTH
    queries = _queries(month, asked * (1 - fallback))
    most = served.queries_per_second * 3600 * HOURS_A_MONTH
    is_too_slow = queries is not None and queries > most
    return BreakEven(
        api=f"{price.model}, {served.name} always on",
        queries=None if is_too_slow else queries,
        basis=f"a month: {_usd(month)} for the hardware, {_usd(asked)} an answer at the API{_falling_back(fallback)}"
        + (f"; it could answer {most:,.0f} only" if is_too_slow else ""),
    )


def _queries(fixed: float, saved: float) -> float | None:
    return fixed / saved if saved > 0 else None


def _falling_back(share: float) -> str:
    return f"; {share:.0%} still go to the API" if share else ""


def _usd(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.2g}"
