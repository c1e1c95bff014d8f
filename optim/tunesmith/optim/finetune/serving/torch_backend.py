"""Students computed by torch in this process: every architecture and method. Imports torch."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.optim.finetune.serving.asks import Answer, Ask, PromptTooLong
from tunesmith.optim.finetune.serving.causal_decoder import CausalDecoder, prefix_cache
from tunesmith.optim.finetune.serving.decoding import Decoder, decode
from tunesmith.optim.finetune.serving.dispatching import dispatcher
from tunesmith.optim.finetune.serving.prompt_prefix import KeptPrefixes, shared_length
from tunesmith.optim.finetune.serving.seq2seq_decoder import Seq2SeqDecoder
from tunesmith.optim.finetune.serving.torch_models import TorchModel
from tunesmith.optim.local_lms import compute_threads
from tunesmith.protocol.student import Architecture

PREFIX_TOKENS = 8192
"""Prompt prefixes kept in memory, of all predictors of one student: 380 MB of the smallest model in fp32."""


class _Turn(NamedTuple):
    ask: Ask
    prompt: list[int]
    limit: int
    """Most tokens the answer may have."""


class TorchBackend:
    """`Backend` over a model in memory."""

    def __init__(self, loaded: TorchModel, architecture: Architecture) -> None:
        self._model, self._tokenizer, self._soft = loaded
        self._architecture = architecture
        self._prompting = prompting_for(self._tokenizer, architecture)
        self._prefixes: KeptPrefixes[Any] = KeptPrefixes(PREFIX_TOKENS)
        # Relative positions, as T5 has them, know no end.
        config = self._model.config
        self._context = getattr(config, "max_position_embeddings", None) if architecture == "causal" else None

    def answer(self, ask: Ask) -> Answer:
        """As `Backend`; calls with equal task and prefix share a batch."""
        prompt = self._prompting.prompt_ids(ask.messages)
        prefix: tuple[int, ...] = ()
        limit = ask.max_tokens
        if self._architecture == "causal":
            prefix = tuple(prompt[: shared_length(self._prompting, ask.messages, prompt)])
        if self._context is not None:
            virtual = self._soft[0].shape[1] if self._soft else 0
            if len(prompt) + virtual >= self._context:
                raise PromptTooLong(len(prompt), self._context)
            limit = min(limit, self._context - len(prompt) - virtual)
        task = ask.task if self._soft else 0
        key = (id(self), task, prefix)
        answer: Answer = dispatcher().ask(
            lambda turns: self._compute(turns, task, prefix), key, _Turn(ask, prompt, limit), len(prompt) + limit
        )
        return answer

    def _compute(self, turns: Sequence[_Turn], task: int, prefix: tuple[int, ...]) -> list[Answer]:
        _leave_a_core()
        with torch.inference_mode():
            decoder, cached = self._start(turns, task, prefix)
            asks, limits = [turn.ask for turn in turns], [turn.limit for turn in turns]
            written = decode(decoder, asks, limits, self._prompting)
        return [
            Answer(
                text=one.text,
                finish=one.finish,
                prompt_tokens=len(turn.prompt),
                cached_tokens=cached,
                completion_tokens=one.tokens,
            )
            for turn, one in zip(turns, written, strict=True)
        ]

    def _start(self, turns: Sequence[_Turn], task: int, prefix: tuple[int, ...]) -> tuple[Decoder, int]:
        """The prompts read, and how many tokens of each had been read before."""
        soft = self._soft[task] if self._soft else None
        pad = self._tokenizer.pad_token_id
        if self._architecture == "seq2seq":
            return Seq2SeqDecoder(self._model, [turn.prompt for turn in turns], soft, pad), 0
        # Task and tokens make the key; no token is negative.
        key = (-1 - task, *prefix)
        cache, was_kept = self._prefixes.get(key, lambda: prefix_cache(self._model, prefix, soft))
        suffixes = [turn.prompt[len(prefix) :] for turn in turns]
        return CausalDecoder(self._model, cache, suffixes, pad), len(prefix) if was_kept else 0


def _leave_a_core() -> None:
    """In this thread, as llama.cpp is run: compute threads on all cores spin on each other beside any busy process."""
    if "OMP_NUM_THREADS" not in os.environ and torch.get_num_threads() > compute_threads():
        torch.set_num_threads(compute_threads())
