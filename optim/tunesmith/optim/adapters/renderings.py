"""What a predictor's prompts have in common, rendered once for all rollouts: the system message and the demos.

dspy's adapters render both afresh for every call, which takes longer than everything else a rollout does around its
LM calls. The prompts stay the same to the letter: what is remembered is found by the whole of what it was rendered
from, so a signature or demo that changes on the way is rendered again, and whatever cannot be compared always is.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import NoneType
from typing import Any, Generic, TypeVar

from tunesmith.optim.adapters.dspy_api import default_adapter

T = TypeVar("T")

MOST_REMEMBERED = 64
"""Renderings a predictor keeps. It needs one of each; modules that make their signatures anew for each call need
ever more, and gain nothing."""

_RENDERERS = (
    "format_system_message",
    "format_field_description",
    "format_field_structure",
    "format_task_description",
    "format_demos",
    "format_user_message_content",
    "format_assistant_message_content",
    "format_field_with_value",
)
_SCALARS = frozenset({str, int, bool, NoneType})


class SharedRenderings:
    """Shared by all copies of one predictor. Safe to use from any thread."""

    def __init__(self) -> None:
        self._adapters: tuple[Any, Any] | None = None
        """The adapter last seen in dspy's settings, and the one to use in its place."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "SharedRenderings":
        return self

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Calls made inside render through these."""
        import dspy

        given = dspy.settings.adapter
        adapters = self._adapters
        if adapters is None or adapters[0] is not given:
            adapters = self._adapters = (given, remembering(given or default_adapter()))
        with dspy.context(adapter=adapters[1]):
            yield


def remembering(adapter: Any) -> Any:
    """A copy of an adapter that renders by dspy's own methods, which read nothing but their arguments; any other
    adapter as it is."""
    if not all(_is_of_dspy(getattr(adapter, name, None)) for name in _RENDERERS):
        return adapter
    system_messages: _Memory[str] = _Memory()
    demo_messages: _Memory[list[dict[str, Any]]] = _Memory()

    def format_system_message(signature: Any) -> str:
        return system_messages.recall(
            lambda: _signature_key(signature), lambda: adapter.format_system_message(signature)
        )

    def format_demos(signature: Any, demos: Sequence[Any]) -> list[dict[str, Any]]:
        messages = demo_messages.recall(
            lambda: (_signature_key(signature), *[_items_key(demo) for demo in demos]),
            lambda: adapter.format_demos(signature, demos),
        )
        return [dict(message) for message in messages]

    copied = copy.copy(adapter)
    # On the copy, not in a subclass: dspy would dispatch callbacks twice in one.
    copied.format_system_message = format_system_message
    copied.format_demos = format_demos
    return copied


class _Memory(Generic[T]):
    def __init__(self) -> None:
        self._known: dict[Any, T] = {}

    def recall(self, make_key: Callable[[], Any], render: Callable[[], T]) -> T:
        try:
            key = make_key()
            known = self._known.get(key)
        except (TypeError, AttributeError):  # made of something that cannot be compared
            return render()
        if known is None:
            known = render()
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = known
        return known


def _is_of_dspy(method: Any) -> bool:
    return method is None or (method.__module__ or "").startswith("dspy.adapters.")


def _signature_key(signature: Any) -> Any:
    fields = signature.model_fields.values()
    return (signature, signature.__doc__, *[(field.annotation, *field.json_schema_extra.items()) for field in fields])


def _value_key(value: Any) -> Any:
    """Equal only where the values are equal and of equal types: 1 and True are written differently."""
    kind = type(value)
    if kind in _SCALARS:
        return kind, value
    if kind is list:
        return (kind, *[_value_key(item) for item in value])
    if kind is dict:
        return kind, _items_key(value)
    raise TypeError(f"{kind.__name__} is not compared")


def _items_key(mapping: Any) -> Any:
    return tuple([(type(name), name, _value_key(item)) for name, item in mapping.items()])
