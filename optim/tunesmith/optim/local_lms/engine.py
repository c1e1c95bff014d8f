"""The in-process engine: `dspy.LM(engine=LocalEngine(...))`, dspy ≥ 3.4 (dspy/clients/engines/base.py).

It answers canonical requests from the process's own server without HTTP and without litellm.
"""

import asyncio
from typing import Any

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

from tunesmith.optim.adapters import GRAMMAR_KEY
from tunesmith.optim.local_lms.server import kept_server


class LocalEngine:
    """One local model. Copies are cheap and share the process's server, which starts with the first call."""

    # What the loopback route tells dspy of itself (litellm knows no such model), so both behave alike.
    supports_function_calling = False
    supports_reasoning = False
    supports_response_schema = False
    supported_params = frozenset(
        {
            "temperature",
            "top_p",
            "max_tokens",
            "stop",
            "seed",
            "frequency_penalty",
            "presence_penalty",
            "response_format",
        }
    )

    def __init__(self, name: str) -> None:
        self.name = name

    def complete(self, request: Request) -> Response:
        """Raises dspy.lm15 errors: too long, not representable, refused."""
        # Kept until the process ends: engines are copied freely, so nobody can say which copy is the last.
        answer = kept_server(self.name).chat(request_body(request))
        return response_of(answer, self.name)

    def dump_state(self) -> dict[str, Any]:
        return {"name": self.name}

    @classmethod
    def load_state(cls, state: dict[str, Any]) -> "LocalEngine":
        return cls(state["name"])


class AsyncLocalEngine(LocalEngine):
    """The same for `acall`: the model computes in a thread, the loop stays free."""

    async def complete(self, request: Request) -> Response:
        return await asyncio.to_thread(super().complete, request)


def request_body(request: Request) -> dict[str, Any]:
    """A chat completion body. Raises `UnsupportedFeatureError` for what the model cannot do."""
    config = request.config
    if request.tools or config.tool_choice:
        raise UnsupportedFeatureError("local models call no tools", feature="tools")
    if config.logprobs is not None:
        raise UnsupportedFeatureError("local models report no token probabilities", feature="logprobs")
    messages = [{"role": message.role, "content": text_of(message.parts)} for message in request.messages]
    if request.system is not None:
        system = request.system if isinstance(request.system, str) else text_of(request.system)
        messages.insert(0, {"role": "system", "content": system})
    settings = {
        "temperature": config.temperature,
        "top_p": config.top_p,
        "top_k": config.top_k,
        "max_tokens": config.max_tokens,
        "stop": list(config.stop),
        "seed": config.seed,
        "frequency_penalty": config.frequency_penalty,
        "presence_penalty": config.presence_penalty,
        "response_format": config.response_format,
        "grammar": ((config.extensions or {}).get("metadata") or {}).get(GRAMMAR_KEY),
    }
    return {"messages": messages, **{key: value for key, value in settings.items() if value not in (None, [])}}


def text_of(parts: Any) -> str:
    for part in parts:
        if part.type != "text":
            raise UnsupportedFeatureError(f"local models read text only, not {part.type} parts", feature=part.type)
    return "".join(part.text for part in parts)


def response_of(answer: dict[str, Any], name: str) -> Response:
    """Raises `ContextLengthError`, `InvalidRequestError` or `ServerError` where the server answered with one."""
    if error := answer.get("error"):
        message = f"{name}: {error.get('message', 'no answer')}"
        if error.get("type") == "exceed_context_size_error":
            raise ContextLengthError(message)
        raise InvalidRequestError(message) if error.get("code") == 400 else ServerError(message)
    choice, usage = answer["choices"][0], answer.get("usage", {})
    return Response(
        id=answer.get("id"),
        model=name,
        message=Message.assistant(choice["message"].get("content") or ""),
        finish_reason="length" if choice.get("finish_reason") == "length" else "stop",
        usage=Usage(
            input_tokens=usage.get("prompt_tokens"),
            output_tokens=usage.get("completion_tokens"),
            cache_read_tokens=usage.get("prompt_tokens_details", {}).get("cached_tokens"),
        ),
        provider_data={"timings": answer["timings"]} if "timings" in answer else None,
    )
