"""Students as dspy's engines: `dspy.LM(engine=StudentEngine(...))`, dspy ≥ 3.4 (dspy/clients/engines/base.py)."""

import asyncio
from typing import Any

import msgspec
from dspy.lm15 import (
    ContextLengthError,
    InvalidRequestError,
    Request,
    Response,
    UnsupportedFeatureError,
    Usage,
)
from dspy.lm15 import Message as WireMessage

from tunesmith.optim.adapters import Message
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.serving.asks import Ask, PromptTooLong, message_of, without_prefill
from tunesmith.optim.finetune.serving.backends import Served, backend_of
from tunesmith.optim.local_lms import text_of


class StudentEngine:
    """One student, or one task of it. Copies are cheap and share the process's model, loaded by the first call."""

    supports_function_calling = False
    supports_reasoning = False
    supports_response_schema = False
    supported_params = frozenset({"temperature", "top_p", "max_tokens", "stop", "seed"})

    def __init__(self, served: Served, max_tokens: int, task: int = 0) -> None:
        self.served, self.max_tokens, self.task = served, max_tokens, task

    def complete(self, request: Request) -> Response:
        """Raises dspy.lm15 errors: too long, not representable, the model cannot be loaded."""
        ask = ask_of(request, self.max_tokens, self.task)
        try:
            answer = backend_of(self.served).answer(ask)
        except PromptTooLong as error:
            raise ContextLengthError(str(error)) from error
        except FinetuneError as error:
            # Not a server's error: asking again would not help.
            raise InvalidRequestError(str(error)) from error
        return Response(
            id=None,
            model=request.model,
            message=WireMessage.assistant(answer.text),
            finish_reason=answer.finish,
            usage=Usage(
                input_tokens=answer.prompt_tokens,
                output_tokens=answer.completion_tokens,
                cache_read_tokens=answer.cached_tokens,
            ),
        )

    def dump_state(self) -> dict[str, Any]:
        return {"served": msgspec.to_builtins(self.served), "max_tokens": self.max_tokens, "task": self.task}

    @classmethod
    def load_state(cls, state: dict[str, Any]) -> "StudentEngine":
        return cls(msgspec.convert(state["served"], Served), state["max_tokens"], state["task"])


class AsyncStudentEngine(StudentEngine):
    """The same for `acall`: the model computes in its thread, the loop stays free."""

    async def complete(self, request: Request) -> Response:
        return await asyncio.to_thread(super().complete, request)


def ask_of(request: Request, max_tokens: int, task: int) -> Ask:
    """Raises `UnsupportedFeatureError` for what a student cannot do.

    A grammar is passed over: a student keeps to the format it learned.
    """
    config = request.config
    if request.tools or config.tool_choice:
        raise UnsupportedFeatureError("finetuned models call no tools", feature="tools")
    if config.logprobs is not None:
        raise UnsupportedFeatureError("finetuned models report no token probabilities", feature="logprobs")
    messages = [message_of(message.role, text_of(message.parts)) for message in request.messages]
    if request.system is not None:
        system = request.system if isinstance(request.system, str) else text_of(request.system)
        messages.insert(0, Message(role="system", content=system))
    return Ask(
        messages=without_prefill(messages),
        max_tokens=config.max_tokens or max_tokens,
        temperature=config.temperature or 0.0,
        top_p=1.0 if config.top_p is None else config.top_p,
        stop=list(config.stop),
        seed=config.seed,
        task=task,
    )
