"""The dspy objects that the optimizers work with, each as what is asked of it.

The type checker does not follow dspy, so that every class of dspy's is `Any` to it. A parameter that is one of these
says what it must be; dspy's own objects, and whatever users and tests put in their place, fit by having the members.
No class derives from them.
"""

from collections.abc import ItemsView, KeysView, Mapping
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Field(Protocol):
    """A field of a signature: pydantic's `FieldInfo`."""

    annotation: Any
    """Its type."""
    json_schema_extra: Any
    """dspy keeps `desc` and `prefix` in it; may be None."""


@runtime_checkable
class Signature(Protocol):
    """A signature: in dspy a class (`dspy.Signature`), here taken as an object like any other."""

    @property
    def instructions(self) -> str:
        """What the model is asked to do."""
        ...

    @property
    def signature(self) -> str:
        """`question, context -> answer`."""
        ...

    @property
    def fields(self) -> Mapping[str, Field]:
        """Inputs, then outputs, by name."""
        ...

    @property
    def input_fields(self) -> Mapping[str, Field]:
        """By name, in order."""
        ...

    @property
    def output_fields(self) -> Mapping[str, Field]:
        """By name, in order."""
        ...

    def with_instructions(self, instructions: str) -> "Signature":
        """Another signature: the same fields under these instructions."""
        ...

    def equals(self, other: Any) -> bool:
        """The fields are the same in names, types and descriptions, and so are the instructions."""
        ...

    def dump_state(self) -> Any:
        """Instructions and fields, as JSON holds them."""
        ...


@runtime_checkable
class LanguageModel(Protocol):
    """A `dspy.BaseLM`."""

    model: str
    """`provider/name`."""
    kwargs: dict[str, Any]
    """Its settings: temperature, endpoint, credentials."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A prompt or messages, and settings of this call; returns a list of texts, or of dicts with `text`."""
        ...

    def copy(self, **kwargs: Any) -> "LanguageModel":
        """Another one, with these settings in place of its own."""
        ...


@runtime_checkable
class Adapter(Protocol):
    """A `dspy.Adapter`: writes a signature, demos and inputs as messages, and reads the answer."""

    def format(self, signature: Any, demos: list[Any], inputs: dict[str, Any]) -> list[dict[str, Any]]:
        """Messages, each with `role` and `content`."""
        ...

    def format_assistant_message_content(self, signature: Any, outputs: dict[str, Any]) -> str:
        """An answer of these values, as a demo shows it."""
        ...

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        """Outputs by name. Raises `AdapterParseError`."""
        ...


@runtime_checkable
class Demo(Protocol):
    """A demo of a predictor: a `dspy.Example`, or the dict that a loaded program holds."""

    def __contains__(self, name: Any, /) -> bool: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def items(self) -> Any:
        """Names and values."""
        ...


@runtime_checkable
class Example(Protocol):
    """A `dspy.Example`: fields by name, some of them marked as inputs. `dspy.Prediction` is one too."""

    def __contains__(self, name: Any, /) -> bool: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def get(self, name: str, default: Any = None) -> Any:
        """The field, or `default` where there is none."""
        ...

    def keys(self) -> "KeysView[str] | list[str]":
        """Names of its fields."""
        ...

    def items(self) -> "ItemsView[str, Any] | list[tuple[str, Any]]":
        """Names and values."""
        ...

    def inputs(self) -> "Example":
        """Its inputs alone. Raises `ValueError` where none are marked."""
        ...

    def labels(self) -> "Example":
        """All but its inputs."""
        ...


@runtime_checkable
class Predictor(Protocol):
    """A `dspy.Predict` of a program: what an optimizer may change of it."""

    signature: Signature
    demos: list[Any]
    """`Demo`s, in the order they are shown."""
    lm: LanguageModel | None
    """Its own; None: dspy's setting."""


@runtime_checkable
class Program(Protocol):
    """A `dspy.Module`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Its inputs by name; returns a prediction."""
        ...

    def predictors(self) -> list[Predictor]:
        """Its own, and those of the modules inside it."""
        ...

    def named_predictors(self) -> list[tuple[str, Predictor]]:
        """The same with their paths: `classify`, `steps[0].predict`; `self` for a program that is one itself."""
        ...

    def named_sub_modules(self, type_: Any = None, skip_compiled: bool = False) -> Any:
        """Paths and modules, itself among them; with `type_`, everything of that type that it holds."""
        ...

    def dump_state(self) -> dict[str, Any]:
        """Demos, instructions and settings by predictor: what `load` reads."""
        ...
