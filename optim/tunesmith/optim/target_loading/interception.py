"""Standing in for `Teleprompter.compile` and `dspy.Evaluate`, so that resolving a target spends nothing."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dspy
from dspy.teleprompt import Teleprompter

OnCompile = Callable[[Any, dict[str, Any]], Any]
"""Called with the optimizer and `compile`'s arguments by name; what it returns, `compile` returns."""
OnEvaluate = Callable[[], Any]


@contextmanager
def intercepting(on_compile: OnCompile, on_evaluate: OnEvaluate) -> Iterator[None]:
    """Inside, no optimizer compiles and no `Evaluate` runs, also of classes defined meanwhile."""
    replaced: list[tuple[type, str, Any]] = []

    def replace(owner: type, name: str, stand_in: Any) -> None:
        replaced.append((owner, name, owner.__dict__.get(name)))
        setattr(owner, name, stand_in)

    def cover(optimizer: type) -> None:
        original = optimizer.__dict__.get("compile")
        if callable(original):
            replace(optimizer, "compile", _stand_in(original, on_compile))

    original_hook = Teleprompter.__init_subclass__

    def cover_new(cls: type, /, **keywords: Any) -> None:
        original_hook.__func__(cls, **keywords) if inspect.ismethod(original_hook) else original_hook(**keywords)
        cover(cls)

    for optimizer in _all_subclasses(Teleprompter):
        cover(optimizer)
    replace(Teleprompter, "__init_subclass__", classmethod(cover_new))
    replace(dspy.Evaluate, "__call__", lambda *_, **__: on_evaluate())
    try:
        yield
    finally:
        for owner, name, original in reversed(replaced):
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)


def _stand_in(original: Callable[..., Any], on_compile: OnCompile) -> Callable[..., Any]:
    signature = inspect.signature(original)
    gathered = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), "")

    @functools.wraps(original)
    def compile(self: Any, *args: Any, **keywords: Any) -> Any:
        given = signature.bind(self, *args, **keywords).arguments
        return on_compile(self, {**given, **given.pop(gathered, {})})

    return compile


def _all_subclasses(base: type) -> Iterator[type]:
    """The class itself and everything derived from it, each once."""
    seen: set[type] = {base}
    waiting = [base]
    while waiting:
        cls = waiting.pop()
        yield cls
        fresh: set[type] = set(cls.__subclasses__()) - seen
        seen |= fresh
        waiting.extend(fresh)
