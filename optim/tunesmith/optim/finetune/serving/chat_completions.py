"""OpenAI's chat completions, as far as a student has them: bodies in, bodies out, no HTTP."""

import time
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.serving.asks import Answer, Ask, Backend, PromptTooLong, message_of, without_prefill


class Refused(Exception):
    """A request that gets no answer: its HTTP status, a sentence, and a code for programs."""

    def __init__(self, status: int, message: str, code: str) -> None:
        self.status, self.message, self.code = status, message, code
        super().__init__(message)

    @property
    def body(self) -> dict[str, Any]:
        """As OpenAI words errors."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return {"error": {"message": self.message, "type": kind, "code": self.code}}


class _Part(Struct):
    type: str
    text: str = ""


class _Message(Struct):
    role: str
    content: str | list[_Part] | None = None


class _Body(Struct):
    messages: list[_Message]
    model: str | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    n: int | None = None
    stream: bool | None = None
    tools: list[Any] | None = None


class ServedModels(Struct, frozen=True, kw_only=True):
    """What one server offers: one student, under one name or under one a task."""

    tasks: dict[str, int]
    """Names, and the task each asks for."""
    max_tokens: int
    """Of an answer, where a request does not say."""

    def listed(self) -> dict[str, Any]:
        """The body of `/v1/models`."""
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "tunesmith"} for name in self.tasks]
        return {"object": "list", "data": data}


def complete(body: bytes, models: ServedModels, backend: Backend) -> dict[str, Any]:
    """The body of a chat completion. Raises `Refused`."""
    ask, name = _read(body, models)
    try:
        answer = backend.answer(ask)
    except PromptTooLong as error:
        raise Refused(400, str(error), "context_length_exceeded") from error
    except FinetuneError as error:
        raise Refused(500, str(error), "model_failed") from error
    return _body_of(answer, name)


def _read(body: bytes, models: ServedModels) -> tuple[Ask, str]:
    try:
        request = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, f"The body is no chat completion request: {error}.", "invalid_body") from error
    if not request.messages:
        raise Refused(400, "A request needs at least one message.", "invalid_body")
    for wanted, feature in ((request.stream, "stream"), (request.tools, "tools"), ((request.n or 1) > 1, "n above 1")):
        if wanted:
            raise Refused(400, f"A finetuned model serves no {feature}.", "unsupported")
    name = request.model or next(iter(models.tasks))
    if len(models.tasks) == 1:
        name = next(iter(models.tasks))
    elif name not in models.tasks:
        raise Refused(404, f"There is no model {name!r} here, but {', '.join(models.tasks)}.", "model_not_found")
    stop = [request.stop] if isinstance(request.stop, str) else request.stop or []
    limit = request.max_completion_tokens or request.max_tokens or models.max_tokens
    top_p = 1.0 if request.top_p is None else request.top_p
    temperature = request.temperature or 0.0
    if limit < 1 or temperature < 0 or not 0 < top_p <= 1:
        raise Refused(400, "max_tokens and top_p must be above 0, temperature at least 0.", "invalid_body")
    ask = Ask(
        messages=without_prefill([message_of(message.role, _text(message)) for message in request.messages]),
        max_tokens=limit,
        temperature=temperature,
        top_p=top_p,
        stop=stop,
        seed=request.seed,
        task=models.tasks[name],
    )
    return ask, name


def _text(message: _Message) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    for part in message.content:
        if part.type != "text":
            raise Refused(400, f"A finetuned model reads text only, not {part.type} parts.", "unsupported")
    return "".join(part.text for part in message.content)


def _body_of(answer: Answer, name: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{time.time_ns():x}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": name,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer.text},
                "finish_reason": answer.finish,
            }
        ],
        "usage": {
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.completion_tokens,
            "total_tokens": answer.prompt_tokens + answer.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": answer.cached_tokens},
        },
    }
