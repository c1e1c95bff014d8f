"""What an LM object returns, to plain data and back.

Ordinary calls return a list of texts, or of dicts with text, reasoning and tool calls, whose nested objects are read
by key and by attribute alike. Calls with an explicit typed request return one response object; its public class and
fields are kept, and it is rebuilt through that class.
"""

from importlib import import_module
from typing import Any

from tunesmith.optim.rollouts.plain_values import to_plain

_TYPED = "tunesmith_typed"


class OutputFields(dict[str, Any]):
    """A dict that is read by attribute too, as the provider objects it stands for were."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """The fields as plain dicts, as pydantic gives them."""
        return {key: value.model_dump() if isinstance(value, OutputFields) else value for key, value in self.items()}


def outputs_to_plain(outputs: Any) -> list[Any]:
    """Outputs as the store keeps them."""
    if isinstance(outputs, list):
        return [to_plain(output) for output in outputs]
    if hasattr(outputs, "model_dump"):
        return [{_TYPED: _home(outputs), "fields": outputs.model_dump(mode="json", exclude={"provider_response"})}]
    from tunesmith.optim.adapters import response_to_fields

    return [{_TYPED: "lm15", "fields": to_plain(response_to_fields(outputs))}]


def outputs_from_plain(outputs: list[Any]) -> Any:
    """Outputs as the LM object returned them."""
    if len(outputs) == 1 and isinstance(outputs[0], dict) and _TYPED in outputs[0]:
        return _rebuild(outputs[0][_TYPED], outputs[0]["fields"])
    return [_attributes(output) for output in outputs]


def _rebuild(home: str, fields: Any) -> Any:
    if home == "lm15":
        from tunesmith.optim.adapters import response_from_fields

        return response_from_fields(fields)
    module, name = home.split(":")
    if not module.startswith("dspy."):
        raise ValueError(f"a stored response names the class {home}, which is not dspy's")
    return getattr(import_module(module), name).model_validate(fields)


def _home(value: Any) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}"


def _attributes(value: Any) -> Any:
    if isinstance(value, dict):
        return OutputFields({key: _attributes(item) for key, item in value.items()})
    if isinstance(value, list):
        return [_attributes(item) for item in value]
    return value
