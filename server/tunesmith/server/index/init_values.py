"""What a value in `__init__` can be, as far as `named_predictors()` cares.

`named_predictors()` walks the instance's attributes in order: predictors, modules, and one level of lists, tuples
and dicts. An object met twice is shown once, so values keep their identity here.
"""

from dataclasses import dataclass, field

from tunesmith.server.index.facts import PredictorFact, SignatureFact, Span


class Value:
    """Anything an attribute can hold."""


class Plain(Value):
    """Certainly neither a predictor nor a container of any."""


PLAIN = Plain()


@dataclass(eq=False)
class Unknown(Value):
    """Cannot be known statically. `weak`: a predictor only if the class calls the attribute."""

    text: str
    span: Span
    weak: bool = False


@dataclass(eq=False)
class Made(Value):
    """`Kind(signature, …)`: a predictor of dspy's, or an object of a class to be looked up."""

    kind: str
    is_module: bool
    signature: str | None
    inline: SignatureFact | None
    span: Span
    inner: Value | None = None
    """What a wrapper (BestOfN, Refine) holds under `module`."""


@dataclass(eq=False)
class Sequence(Value):
    """A list or tuple. `open`: more may follow, or what is there may change."""

    items: list[Value]
    span: Span
    text: str
    open: bool = False


@dataclass(eq=False)
class Mapping(Value):
    items: dict[str, Value]
    span: Span
    text: str
    open: bool = False


@dataclass
class Attributes:
    """`__dict__` after `__init__`, and what could not be followed."""

    values: dict[str, Value] = field(default_factory=dict)
    super_init_at: int | None = None
    super_signature: str | None = None
    super_inline: SignatureFact | None = None
    calls: list[str] = field(default_factory=list)
    untraceable: bool = False
    """Attributes are set in a way that cannot be followed at all (`setattr` with a variable, `__dict__`)."""


def predictors_of(attributes: dict[str, Value], called: frozenset[str]) -> list[PredictorFact]:
    """The predictors among the attributes, in `named_predictors()` order. `called`: attributes the class calls."""
    found: list[PredictorFact] = []
    seen: set[int] = set()
    for name, value in attributes.items():
        _emit(found, seen, name, value, called=name in called, nested=False)
    return found


def _emit(found: list[PredictorFact], seen: set[int], name: str, value: Value, *, called: bool, nested: bool) -> None:
    if isinstance(value, Made):
        if id(value) in seen:
            return
        seen.add(id(value))
        if value.inner is not None:
            _emit(found, seen, f"{name}.module", value.inner, called=True, nested=False)
            return
        found.append(
            PredictorFact(
                name=name,
                kind=value.kind,
                is_module=value.is_module,
                signature=value.signature,
                inline=value.inline,
                dynamic=False,
                span=value.span,
                called=called,
            )
        )
    elif isinstance(value, Unknown):
        if not value.weak or called:
            found.append(_dynamic(name, value.text, value.span))
    elif nested:
        return  # a container in a container is not walked
    elif isinstance(value, Sequence):
        for index, item in enumerate(value.items):
            _emit(found, seen, f"{name}[{index}]", item, called=True, nested=True)
        if value.open:
            found.append(_dynamic(name, value.text, value.span))
    elif isinstance(value, Mapping):
        for key, item in value.items.items():
            _emit(found, seen, f"{name}['{key}']", item, called=True, nested=True)
        if value.open:
            found.append(_dynamic(name, value.text, value.span))


def _dynamic(name: str, text: str, span: Span) -> PredictorFact:
    return PredictorFact(
        name=f"{name}*",
        kind=text,
        is_module=False,
        signature=None,
        inline=None,
        dynamic=True,
        span=span,
    )
