"""Watched modules: predictors, tools and retrievers of a rollout's program, which record what they do.

dspy's callbacks could do the same, but a callback anywhere makes every call in the program, adapters' and LMs' too,
pay for its dispatch: more than the rest of a rollout's bookkeeping. So the modules to be watched get, in the template
that rollouts are copied from, a subclass of their own class.
"""

from contextvars import ContextVar, Token
from typing import Any, Literal

from tunesmith.optim.adapters import SharedRenderings
from tunesmith.optim.dspy_types import Program
from tunesmith.optim.rollouts.rollout_context import RolloutContext, Turn, current_rollout

Kind = Literal["predictor", "tool", "retriever"]

active_turn: ContextVar[Turn | None] = ContextVar("tunesmith_turn", default=None)
"""The turn that an LM call made now belongs to."""

_NAME = "_tunesmith_name"
_RENDERINGS = "_tunesmith_renderings"


def watch(program: Program) -> None:
    """Give every predictor, tool and retriever the program holds its watched class, in place."""
    import dspy

    names = {id(predictor): name for name, predictor in program.named_predictors()}
    for _, item in program.named_sub_modules(type_=object):
        if isinstance(item, dspy.Predict):
            _watch_one(item, names.get(id(item), type(item).__name__))
        elif isinstance(item, dspy.Retrieve) or (item is not program and _is_leaf(item)):
            _watch_one(item, type(item).__name__)
        elif isinstance(item, dspy.Tool):
            _watch_one(item, item.name or type(item).__name__)


def is_watched(item: Any) -> bool:
    """`watch` gave it its class."""
    return isinstance(item, _Watched)


def watched_name(item: Any) -> str:
    """For predictors the name in `named_predictors()`."""
    name: str = item.__dict__[_NAME]
    return name


def kind_of(item: Any) -> Kind:
    """Of a module that `watch` watches."""
    import dspy

    if isinstance(item, dspy.Predict):
        return "predictor"
    return "tool" if isinstance(item, dspy.Tool) else "retriever"


class _Watched:
    """Mixed in before the module's own class."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (rollout := current_rollout()) is None or not rollout.recording:
            return super().__call__(*args, **kwargs)  # type: ignore[misc]
        turn, token = _begin(rollout, self, args, kwargs)
        try:
            turn.outputs = super().__call__(*args, **kwargs)  # type: ignore[misc]
        except BaseException as error:
            turn.error = error
            raise
        finally:
            turn.end()
            active_turn.reset(token)
        return turn.outputs

    async def acall(self, *args: Any, **kwargs: Any) -> Any:
        if (rollout := current_rollout()) is None or not rollout.recording:
            return await super().acall(*args, **kwargs)  # type: ignore[misc]
        turn, token = _begin(rollout, self, args, kwargs)
        try:
            turn.outputs = await super().acall(*args, **kwargs)  # type: ignore[misc]
        except BaseException as error:
            turn.error = error
            raise
        finally:
            turn.end()
            active_turn.reset(token)
        return turn.outputs


class _WatchedPredictor(_Watched):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with _renderings(self).in_use():
            return super().__call__(*args, **kwargs)

    async def acall(self, *args: Any, **kwargs: Any) -> Any:
        with _renderings(self).in_use():
            return await super().acall(*args, **kwargs)


def _renderings(predictor: Any) -> SharedRenderings:
    shared: SharedRenderings = predictor.__dict__[_RENDERINGS]
    return shared


def _begin(
    rollout: RolloutContext, item: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Turn, Token[Turn | None]]:
    inputs = {**{f"argument {place}": value for place, value in enumerate(args)}, **kwargs}
    turn = Turn(kind_of(item), watched_name(item), inputs)
    rollout.turns.append(turn)
    return turn, active_turn.set(turn)


def _is_leaf(item: Any) -> bool:
    """A module without predictors: dspy has no class for retrievers people write themselves."""
    import dspy

    return isinstance(item, dspy.Module) and not item.predictors()


_CLASSES: dict[type, type] = {}


def _watch_one(item: Any, name: str) -> None:
    base = type(item)
    is_predictor = kind_of(item) == "predictor"
    if base not in _CLASSES:
        body = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}
        metaclass: Any = type(base)
        _CLASSES[base] = metaclass(base.__name__, (_WatchedPredictor if is_predictor else _Watched, base), body)
    # Past pydantic's own __setattr__ where it is a tool.
    object.__setattr__(item, "__class__", _CLASSES[base])
    item.__dict__[_NAME] = name
    if is_predictor:
        item.__dict__[_RENDERINGS] = SharedRenderings()
