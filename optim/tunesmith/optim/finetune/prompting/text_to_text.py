"""Prompting an encoder-decoder such as T5: a short text in, a short text out.

Outside, messages and answers are what the program's adapter writes and reads. Inside, a prompt is
"objective question: … context: …" and an answer "label: …", its fields parted by a symbol: no markers, no boilerplate,
a fifth of the tokens. Messages in a format that is not known pass as they are. Both go through the codec.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.optim.adapters import Message, PromptTask, read_task
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.prompting.causal import until_end
from tunesmith.optim.finetune.prompting.codec import Codec

FIELD = re.compile(r"(\w+):[ \n]?(.*)", re.DOTALL)


class TextToTextPrompting:
    """`Prompting` of a sequence-to-sequence model. `tokenizer` is a transformers tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.eos_token_id is None:
            raise FinetuneError("The model's tokenizer has no token that ends a text.", "Choose another model.")
        self._tokenizer = tokenizer
        self._codec = Codec(tokenizer)
        self.end_ids: Sequence[int] = [tokenizer.eos_token_id]

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        ids: list[int] = self._tokenizer(self.prompt_text(messages)).input_ids
        return ids

    def target_ids(self, target: str, messages: Sequence[Message]) -> list[int]:
        ids: list[int] = self._tokenizer(self.target_text(target, messages)).input_ids
        return ids if ids[-1] in self.end_ids else [*ids, *self.end_ids]

    def answer(self, ids: Sequence[int], messages: Sequence[Message]) -> str:
        encoded = self._codec.decode_ids(until_end(ids, self.end_ids))
        task = read_task(messages)
        if task is None:
            return self._codec.decode(encoded).strip()
        sections = [self._codec.decode(section) for section in encoded.split(self._codec.field)]
        fields: dict[str, str] = {}
        for section in sections:
            if (match := FIELD.fullmatch(section)) and match[1] in task.outputs:
                fields.setdefault(match[1], match[2].strip())
        if not fields and len(task.outputs) == 1:
            # A model that was never tuned answers without naming the field.
            fields = {task.outputs[0]: " ".join(sections).strip()}
        return task.answer_text(fields) if fields else " ".join(sections).strip()

    def is_expressible(self, target: str, messages: Sequence[Message]) -> bool:
        answer = self.answer(self.target_ids(target, messages), messages)
        task = read_task(messages)
        if task is None:
            return answer == target.strip()
        fields = task.answer_fields(target)
        return bool(fields) and task.answer_fields(answer) == fields

    def prompt_text(self, messages: Sequence[Message]) -> str:
        """What the encoder reads, without the tokens that frame it."""
        task = read_task(messages)
        if task is None:
            return self._codec.encode("\n\n".join(message.content.strip() for message in messages))
        # One line a turn: the demos' lines, then the question's.
        lines = [self._turn(message, task) for message in messages[1:]]
        newline = self._codec.encode("\n")
        return f"{self._codec.encode(task.objective)} {newline.join(line for line in lines if line)}"

    def target_text(self, target: str, messages: Sequence[Message]) -> str:
        task = read_task(messages)
        fields = task.answer_fields(target) if task else {}
        return self._answer_text(fields) if fields else self._codec.encode(target.strip())

    def _turn(self, message: Message, task: PromptTask) -> str:
        fields = task.turn_fields(message)
        if message.role == "assistant":
            return self._answer_text(fields)
        return " ".join(self._codec.encode(f"{name}: {value}") for name, value in fields.items())

    def _answer_text(self, fields: Mapping[str, str]) -> str:
        return self._codec.field.join(self._codec.encode(f"{name}: {value}") for name, value in fields.items())
