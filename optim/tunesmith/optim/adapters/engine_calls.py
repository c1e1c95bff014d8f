"""What dspy asks an engine and is answered (`dspy.lm15`, dspy ≥ 3.4; dspy/clients/engines/base.py), as plain values.

No other module knows these types. An engine raises the errors that are named here.
"""

from typing import Any, Literal

from dspy._vendor.lm15.serde import response_from_dict, response_to_dict
from dspy.lm15 import (
    ContextLengthError,
    InvalidRequestError,
    Message,
    Request,
    Response,
    ServerError,
    UnsupportedFeatureError,
    Usage,
)
from msgspec import Struct

from tunesmith.optim.adapters.dspy_api import GRAMMAR_KEY

__all__ = [
    "ContextLengthError",
    "EngineAnswer",
    "EngineRequest",
    "InvalidRequestError",
    "Request",
    "Response",
    "ServerError",
    "UnsupportedFeatureError",
    "read_request",
    "response_from_fields",
    "response_to_fields",
    "write_response",
]


class EngineRequest(Struct, frozen=True, kw_only=True):
    """A request for one text. None: the request does not say."""

    messages: list[tuple[str, str]]
    """Roles and texts; the system message is the first."""
    temperature: float | None
    top_p: float | None
    top_k: int | None
    max_tokens: int | None
    stop: list[str]
    seed: int | None
    frequency_penalty: float | None
    presence_penalty: float | None
    response_format: Any
    grammar: str | None
    """What `grammar_keywords` sent along."""


class EngineAnswer(Struct, frozen=True, kw_only=True):
    """A text, and what it took."""

    text: str
    finish: Literal["stop", "length"]
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    """Of the prompt, those that an earlier call had computed."""
    id: str | None = None
    provider_data: dict[str, Any] | None = None


def read_request(request: Request, kind: str) -> EngineRequest:
    """Raises `UnsupportedFeatureError` for tools, token probabilities and parts other than text.

    `kind`: which models cannot do that, for the error's message.
    """
    config = request.config
    if request.tools or config.tool_choice:
        raise UnsupportedFeatureError(f"{kind} call no tools", feature="tools")
    if config.logprobs is not None:
        raise UnsupportedFeatureError(f"{kind} report no token probabilities", feature="logprobs")
    messages = [(message.role, _text_of(message.parts)) for message in request.messages]
    if request.system is not None:
        system = request.system if isinstance(request.system, str) else _text_of(request.system)
        messages.insert(0, ("system", system))
    return EngineRequest(
        messages=messages,
        temperature=config.temperature,
        top_p=config.top_p,
        top_k=config.top_k,
        max_tokens=config.max_tokens,
        stop=list(config.stop),
        seed=config.seed,
        frequency_penalty=config.frequency_penalty,
        presence_penalty=config.presence_penalty,
        response_format=config.response_format,
        grammar=((config.extensions or {}).get("metadata") or {}).get(GRAMMAR_KEY),
    )


def write_response(answer: EngineAnswer, model: str) -> Response:
    """What `complete` returns. `model`: the name it is told under."""
    return Response(
        id=answer.id,
        model=model,
        message=Message.assistant(answer.text),
        finish_reason=answer.finish,
        usage=Usage(
            input_tokens=answer.prompt_tokens,
            output_tokens=answer.completion_tokens,
            cache_read_tokens=answer.cached_tokens,
        ),
        provider_data=answer.provider_data,
    )


def response_to_fields(response: Response) -> dict[str, Any]:
    """A response as a dict that JSON can hold once its values are plain; the provider's own data is in it."""
    fields: dict[str, Any] = response_to_dict(response, include_provider_data=True)
    return fields


def response_from_fields(fields: dict[str, Any]) -> Response:
    """The inverse of `response_to_fields`."""
    return response_from_dict(fields)


def _text_of(parts: Any) -> str:
    for part in parts:
        if part.type != "text":
            raise UnsupportedFeatureError(f"local models read text only, not {part.type} parts", feature=part.type)
    return "".join(part.text for part in parts)
