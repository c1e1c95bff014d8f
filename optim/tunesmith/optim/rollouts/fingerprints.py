"""Fingerprints: equal where a rollout would come out the same, so that a resumed run knows what is still valid.

A rollout's key covers the program's state (signatures, demos, settings), the source of its module classes, the
metric's source, the example, the LMs with their settings, the data set and the sample number. Credentials are in
none of them.
"""

import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from tunesmith.optim.dspy_types import Adapter, Example, LanguageModel, Program
from tunesmith.optim.rollouts.plain_values import digest, to_plain
from tunesmith.optim.rollouts.requests import lm_fingerprint

_SOURCES: WeakKeyDictionary[type, str] = WeakKeyDictionary()
_PASSING_STATE = frozenset(
    {"callbacks", "history", "stage", "traces", "train", "demos", "lm", "signature", "_compiled"}
)


def program_fingerprint(program: Program, lm: LanguageModel | None, adapter: Adapter | None) -> str:
    """The program under an adapter, with `lm` as the LM of predictors that have none."""
    import dspy

    parts: list[Any] = [lm_fingerprint(lm), _adapter_fingerprint(adapter)]
    for path, module in program.named_sub_modules(type_=dspy.Module):
        parts += [path, class_source(type(module)), _settings(module)]
        if isinstance(module, dspy.Predict):
            parts += [
                to_plain(module.signature.dump_state()),
                [f"{name}: {field.annotation}" for name, field in module.signature.fields.items()],
                [to_plain(dict(demo.items())) for demo in module.demos],
                lm_fingerprint(module.lm) if module.lm is not None else "",
            ]
    return digest(*parts)


def metric_fingerprint(metric: Callable[..., Any] | None) -> str:
    """The metric's source; of a callable object its class's. Closures and globals it uses are not followed."""
    if metric is None:
        return "none"
    named = hasattr(metric, "__code__") or inspect.isclass(metric)
    target = inspect.unwrap(metric) if named else type(metric)
    return digest(getattr(target, "__qualname__", repr(target)), _source(target))


def example_fingerprints(examples: Sequence[Example]) -> list[str]:
    """Every field of each example, and which of them are inputs. A repeated example is told apart by its number,
    so that each has rollouts of its own."""
    seen: Counter[str] = Counter()
    keys = []
    for example in examples:
        key = digest(to_plain(dict(example.items())), sorted(example.inputs().keys()))
        keys.append(f"{key}-{seen[key]}" if seen[key] else key)
        seen[key] += 1
    return keys


def _adapter_fingerprint(adapter: Adapter | None) -> str:
    return "" if adapter is None else digest(class_source(type(adapter)), _settings(adapter))


def class_source(cls: type) -> str:
    """A digest of a class and its bases outside dspy; of dspy's own, the name."""
    if cls not in _SOURCES:
        _SOURCES[cls] = _class_source(cls)
    return _SOURCES[cls]


def _class_source(cls: type) -> str:
    own = [base for base in cls.__mro__ if not base.__module__.startswith(("dspy.", "builtins"))]
    return digest(f"{cls.__module__}.{cls.__qualname__}", *(_source(base) for base in own))


def _source(target: Any) -> str:
    try:
        return inspect.getsource(target)
    except (OSError, TypeError):
        # Typed in a console or made on the fly: its byte code is what there is.
        code = getattr(target, "__code__", None)
        return code.co_code.hex() + repr(code.co_names) if code is not None else f"{target!r}".split(" at 0x")[0]


def _settings(module: Any) -> dict[str, Any]:
    """Plain attributes of a module: `k=3`, `max_hops=2`, a prompt kept as text."""
    return {
        name: to_plain(value)
        for name, value in sorted(vars(module).items())
        if name not in _PASSING_STATE and _is_setting(value)
    }


def _is_setting(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_setting(item) for item in value)
    if isinstance(value, dict):
        return all(_is_setting(item) for item in value.values())
    return value is None or isinstance(value, str | int | float | bool)
