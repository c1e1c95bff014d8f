"""Students computed by llama.cpp, from their GGUF export. It batches calls and keeps prefixes by itself."""

from pathlib import Path
from typing import Any

from tunesmith.optim.finetune.base_models import load_tokenizer
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.optim.finetune.serving.asks import Answer, Ask, PromptTooLong
from tunesmith.optim.local_lms import SLOT_TOKENS, serve_file
from tunesmith.protocol.student import TOKENIZER, ModelSource


class LlamaBackend:
    """`Backend` over a server of xllamacpp's in this process."""

    def __init__(self, native: Any, tokenizer: Any) -> None:
        self._native = native
        self._prompting = prompting_for(tokenizer, "causal")

    def answer(self, ask: Ask) -> Answer:
        """As `Backend`. Raises `PromptTooLong` above a slot's tokens, `FinetuneError` where llama.cpp refuses."""
        # Token ids, not text: the prompt is then exactly the one it was trained on.
        prompt = self._prompting.prompt_ids(ask.messages)
        if len(prompt) >= SLOT_TOKENS:
            raise PromptTooLong(len(prompt), SLOT_TOKENS)
        body = {
            "prompt": prompt,
            "max_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "top_k": 0,
            "min_p": 0.0,
            "stop": ask.stop,
            "seed": -1 if ask.seed is None else ask.seed,
            "cache_prompt": True,
        }
        answer = self._native.handle_completions(body)
        if error := answer.get("error"):
            raise FinetuneError(f"llama.cpp gave no answer: {error.get('message', error)}.", "Serve it with torch.")
        choice, usage = answer["choices"][0], answer["usage"]
        return Answer(
            text=choice["text"].strip(),
            finish="length" if choice["finish_reason"] == "length" else "stop",
            prompt_tokens=usage["prompt_tokens"],
            cached_tokens=usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
            completion_tokens=usage["completion_tokens"],
        )


def open_llama(student: Path, file: Path) -> LlamaBackend:
    """Raises `LocalRuntimeMissing`, and `FinetuneError` where the tokenizer cannot be loaded."""
    tokenizer = load_tokenizer(ModelSource(name=str(student), kind="folder", path=str(student / TOKENIZER)))
    *_, native = serve_file(file, student.name)
    return LlamaBackend(native, tokenizer)
