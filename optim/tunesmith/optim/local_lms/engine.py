"""The in-process engine: `dspy.LM(engine=LocalEngine(...))`, dspy ≥ 3.4 (dspy/clients/engines/base.py).

It answers canonical requests from the process's own server without HTTP and without litellm.
"""

import asyncio
from typing import Any

from tunesmith.optim.adapters import (
    ContextLengthError,
    EngineAnswer,
    InvalidRequestError,
    Request,
    Response,
    ServerError,
    read_request,
    write_response,
)
from tunesmith.optim.local_lms.server import kept_server


class LocalEngine:
    """One local model. Copies are cheap and share the process's server, which starts with the first call."""

    # What the loopback route says of itself to dspy (litellm knows no such model), so both behave alike.
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
        """Raises the errors of an engine: too long, not representable, refused."""
        # Kept until the process ends: engines are copied freely, so nobody can say which copy is the last.
        answer = kept_server(self.name).chat(request_body(request))
        return response_of(answer, self.name)

    def dump_state(self) -> dict[str, Any]:
        """What dspy saves of it."""
        return {"name": self.name}

    @classmethod
    def load_state(cls, state: dict[str, Any]) -> "LocalEngine":
        """From what `dump_state` gave."""
        return cls(state["name"])


class AsyncLocalEngine(LocalEngine):
    """The same for `acall`: the model computes in a thread, the loop stays free."""

    async def complete(self, request: Request) -> Response:
        """Raises what `LocalEngine.complete` raises."""
        return await asyncio.to_thread(super().complete, request)


def request_body(request: Request) -> dict[str, Any]:
    """A chat completion body. Raises `UnsupportedFeatureError` for what the model cannot do."""
    asked = read_request(request, "local models")
    messages = [{"role": role, "content": text} for role, text in asked.messages]
    settings = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "top_k": asked.top_k,
        "max_tokens": asked.max_tokens,
        "stop": asked.stop,
        "seed": asked.seed,
        "frequency_penalty": asked.frequency_penalty,
        "presence_penalty": asked.presence_penalty,
        "response_format": asked.response_format,
        "grammar": asked.grammar,
    }
    return {"messages": messages, **{key: value for key, value in settings.items() if value not in (None, [])}}


def response_of(answer: dict[str, Any], name: str) -> Response:
    """Raises `ContextLengthError`, `InvalidRequestError` or `ServerError` where the server answered with one."""
    if error := answer.get("error"):
        message = f"{name}: {error.get('message', 'no answer')}"
        if error.get("type") == "exceed_context_size_error":
            raise ContextLengthError(message)
        raise InvalidRequestError(message) if error.get("code") == 400 else ServerError(message)
    choice, usage = answer["choices"][0], answer.get("usage", {})
    said = EngineAnswer(
        text=choice["message"].get("content") or "",
        finish="length" if choice.get("finish_reason") == "length" else "stop",
        prompt_tokens=usage.get("prompt_tokens"),
        completion_tokens=usage.get("completion_tokens"),
        cached_tokens=usage.get("prompt_tokens_details", {}).get("cached_tokens"),
        id=answer.get("id"),
        provider_data={"timings": answer["timings"]} if "timings" in answer else None,
    )
    return write_response(said, name)
