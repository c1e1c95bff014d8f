"""Students computed by CTranslate2 with 8-bit weights, from their export."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ctranslate2

from tunesmith.optim.finetune.base_models import load_tokenizer
from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.optim.finetune.serving.asks import Answer, Ask, cut_at_stop
from tunesmith.optim.finetune.serving.dispatching import BATCH_TOKENS, dispatcher
from tunesmith.optim.finetune.serving.prompt_prefix import shared_length
from tunesmith.optim.local_lms import compute_threads
from tunesmith.protocol.student import TOKENIZER, Architecture, ModelSource


class _Turn(NamedTuple):
    ask: Ask
    prompt: list[int]


class CTranslate2Backend:
    """`Backend` over `model`, a folder that `write_ctranslate2` wrote.

    Draws follow no seed: CTranslate2 seeds its threads once, when they start.
    """

    def __init__(self, model: Path, tokenizer: Any, architecture: Architecture) -> None:
        self._tokenizer, self._architecture = tokenizer, architecture
        self._prompting = prompting_for(tokenizer, architecture)
        self._ends = tokenizer.convert_ids_to_tokens(list(self._prompting.end_ids))
        family = ctranslate2.Translator if architecture == "seq2seq" else ctranslate2.Generator
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        self._native = family(str(model), device=device, inter_threads=1, intra_threads=compute_threads())

    def answer(self, ask: Ask) -> Answer:
        """As `Backend`; calls with equal settings and prefix share a batch."""
        prompt = self._prompting.prompt_ids(ask.messages)
        prefix: tuple[int, ...] = ()
        if self._architecture == "causal":
            prefix = tuple(prompt[: shared_length(self._prompting, ask.messages, prompt)])
        settings = ask.max_tokens, ask.temperature, ask.top_p
        answer: Answer = dispatcher().ask(
            lambda turns: self._compute(turns, prefix),
            (id(self), settings, prefix),
            _Turn(ask, prompt),
            len(prompt) + ask.max_tokens,
        )
        return answer

    def _compute(self, turns: Sequence[_Turn], prefix: tuple[int, ...]) -> list[Answer]:
        ask = turns[0].ask
        options: dict[str, Any] = {"beam_size": 1, "end_token": self._ends, "return_end_token": True}
        options |= {"max_batch_size": BATCH_TOKENS, "batch_type": "tokens"}
        if ask.temperature > 0:
            options |= {"sampling_temperature": ask.temperature, "sampling_topp": ask.top_p, "sampling_topk": 0}
        # The start is fed by the static prompt, which is kept between calls.
        prompts = [self._tokens(turn.prompt[len(prefix) :]) for turn in turns]
        if self._architecture == "seq2seq":
            results = self._native.translate_batch(
                prompts, max_input_length=0, max_decoding_length=ask.max_tokens, **options
            )
            tokens = [result.hypotheses[0] for result in results]
        else:
            results = self._native.generate_batch(
                prompts,
                max_length=ask.max_tokens,
                include_prompt_in_result=False,
                static_prompt=self._tokens(prefix) or None,
                **options,
            )
            tokens = [result.sequences[0] for result in results]
        return [self._answer(turn, written) for turn, written in zip(turns, tokens, strict=True)]

    def _answer(self, turn: _Turn, tokens: list[str]) -> Answer:
        ids = self._tokenizer.convert_tokens_to_ids(tokens)
        text = self._prompting.answer(ids, turn.ask.messages)
        stopped = cut_at_stop(text, turn.ask.stop)
        ended = stopped is not None or (bool(tokens) and tokens[-1] in self._ends)
        return Answer(
            text=text if stopped is None else stopped,
            finish="stop" if ended else "length",
            prompt_tokens=len(turn.prompt),
            completion_tokens=len(tokens),
        )

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        tokens: list[str] = self._tokenizer.convert_ids_to_tokens(list(ids))
        return tokens


def open_ctranslate2(student: Path, export: Path, architecture: Architecture) -> CTranslate2Backend:
    """Raises `FinetuneError` where the tokenizer cannot be loaded."""
    tokenizer = load_tokenizer(ModelSource(name=str(student), kind="folder", path=str(student / TOKENIZER)))
    return CTranslate2Backend(export, tokenizer, architecture)
