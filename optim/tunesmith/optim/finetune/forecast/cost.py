"""What teacher, API and hardware cost, in US dollars."""

from collections.abc import Sequence

from msgspec import Struct


class TokenPrice(Struct, frozen=True, kw_only=True):
    """What a token costs of a model behind an API."""

    model: str
    usd_in: float
    """US dollars a token read."""
    usd_out: float
    """US dollars a token written."""
    basis: str
    """Where the price comes from, one line."""

    def of_call(self, prompt_tokens: float, completion_tokens: float) -> float:
        """US dollars of one call."""
        return prompt_tokens * self.usd_in + completion_tokens * self.usd_out


class TeacherCalls(Struct, frozen=True, kw_only=True):
    """What a teacher is asked, one predictor's turn each."""

    calls: int
    """Traces that fail the metric included."""
    prompt_tokens: float
    completion_tokens: float
    price: TokenPrice | None
    """None: it runs on this machine, or its price is unknown."""

    @property
    def usd(self) -> float:
        """US dollars of all calls; 0 without a price."""
        if self.price is None:
            return 0.0
        return self.calls * self.price.of_call(self.prompt_tokens, self.completion_tokens)


class ApiCosts(Struct, frozen=True, kw_only=True):
    """What answers cost where no student gives them."""

    teacher: TeacherCalls | None = None
    """Asked once, before the first answer. None: nobody is asked."""
    prices: Sequence[TokenPrice] = ()
    """Of the APIs that a student would stand in for."""
    fallback: float = 0.0
    """Share of the questions that still go there."""


def listed_price(model: str) -> TokenPrice | None:
    """The price of `provider/model`, from litellm's offline table; None where it does not have it."""
    import litellm

    known = litellm.model_cost.get(model) or litellm.model_cost.get(model.partition("/")[2]) or {}
    usd_in, usd_out = known.get("input_cost_per_token"), known.get("output_cost_per_token")
    if usd_in is None or usd_out is None:
        return None
    return TokenPrice(
        model=model,
        usd_in=float(usd_in),
        usd_out=float(usd_out),
        basis=f"{model}: ${1e6 * usd_in:g} in and ${1e6 * usd_out:g} out a million tokens (litellm's table)",
    )


def usd_of_hours(seconds: float, usd_per_hour: float | None) -> float | None:
    """US dollars of hardware that is paid by the hour; None where it is not."""
    return None if usd_per_hour is None else seconds / 3600 * usd_per_hour
