"""Students as dspy's engines: `dspy.LM(engine=StudentEngine(...))`, dspy ≥ 3.4 (dspy/clients/engines/base.py)."""

import asyncio
from typing import Any

import msgspec

from tunesmith.optim.adapters import (
    ContextLengthError,
    EngineAnswer,
    InvalidRequestError,
    Request,
    Response,
    read_request,
    write_response,
)
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.serving.asks import Ask, PromptTooLong, message_of, without_prefill
from tunesmith.optim.finetune.serving.backends import Served, backend_of


class StudentEngine:
    """One student, or one task of it. Copies are cheap and share the process's model, loaded by the first call."""

    supports_function_calling = False
    supports_reasoning = False
    supports_response_schema = False
    supported_params = frozenset({"temperature", "top_p", "max_tokens", "stop", "seed"})

    def __init__(self, served: Served, max_tokens: int, task: int = 0) -> None:
        self.served, self.max_tokens, self.task = served, max_tokens, task

    def complete(self, request: Request) -> Response:
        """The student's answer. Raises an engine's errors: too long, not representable, the model cannot be loaded."""
        ask = ask_of(request, self.max_tokens, self.task)
        try:
            answer = backend_of(self.served).answer(ask)
        except PromptTooLong as error:
            raise ContextLengthError(str(error)) from error
        except FinetuneError as error:
            # Not a server's error: asking again would not help.
            raise InvalidRequestError(str(error)) from error
        said = EngineAnswer(
            text=answer.text,
            finish=answer.finish,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            cached_tokens=answer.cached_tokens,
        )
        return write_response(said, request.model)

    def dump_state(self) -> dict[str, Any]:
        """Plain values that `load_state` takes: dspy saves LMs with it."""
        return {"served": msgspec.to_builtins(self.served), "max_tokens": self.max_tokens, "task": self.task}

    @classmethod
    def load_state(cls, state: dict[str, Any]) -> "StudentEngine":
        """The engine of the same student; its folder has to be where it was."""
        return cls(msgspec.convert(state["served"], Served), state["max_tokens"], state["task"])


class AsyncStudentEngine(StudentEngine):
    """The same for `acall`: the model computes in its thread, the loop stays free."""

    async def complete(self, request: Request) -> Response:
        """As `StudentEngine.complete`."""
        return await asyncio.to_thread(super().complete, request)


def ask_of(request: Request, max_tokens: int, task: int) -> Ask:
    """Raises `UnsupportedFeatureError` for what a student cannot do.

    A grammar is passed over: a student keeps to the format it learned.
    """
    asked = read_request(request, "finetuned models")
    return Ask(
        messages=without_prefill([message_of(role, text) for role, text in asked.messages]),
        max_tokens=asked.max_tokens or max_tokens,
        temperature=asked.temperature or 0.0,
        top_p=1.0 if asked.top_p is None else asked.top_p,
        stop=asked.stop,
        seed=asked.seed,
        task=task,
    )
