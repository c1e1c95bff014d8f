"""Prompting an encoder-decoder such as T5: a short text in, a short text out.

Outside, messages and answers are what dspy's ChatAdapter writes and reads. Inside, a prompt is
"objective question: … context: …" and an answer "label: …", its fields parted by a symbol: no markers, no boilerplate,
a fifth of the tokens. Messages of other adapters pass as they are. Both go through the codec.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.optim.adapters import (
    NOT_SUPPLIED,
    ChatTask,
    Message,
    chat_task,
    chat_text,
    fields_of,
    shown_fields,
    without_reminder,
)
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
        task = chat_task(messages)
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
        return chat_text(fields) if fields else " ".join(sections).strip()

    def is_expressible(self, target: str, messages: Sequence[Message]) -> bool:
        answer = self.answer(self.target_ids(target, messages), messages)
        task = chat_task(messages)
        if task is None:
            return answer == target.strip()
        fields = fields_of(target, task.outputs)
        return bool(fields) and fields_of(answer, task.outputs) == fields

    def prompt_text(self, messages: Sequence[Message]) -> str:
        """What the encoder reads, without the tokens that frame it."""
        task = chat_task(messages)
        if task is None:
            return self._codec.encode("\n\n".join(message.content.strip() for message in messages))
        # One line a turn: the demos' lines, then the question's.
        lines = [self._turn(message, task) for message in messages[1:]]
        newline = self._codec.encode("\n")
        return f"{self._codec.encode(task.objective)} {newline.join(line for line in lines if line)}"

    def target_text(self, target: str, messages: Sequence[Message]) -> str:
        task = chat_task(messages)
        fields = fields_of(target, task.outputs) if task else {}
        return self._answer_text(fields) if fields else self._codec.encode(target.strip())

    def _turn(self, message: Message, task: ChatTask) -> str:
        if message.role == "assistant":
            supplied = fields_of(message.content, task.outputs)
            return self._answer_text({name: value for name, value in supplied.items() if value != NOT_SUPPLIED})
        shown = shown_fields(without_reminder(message.content)[0], task.inputs)
        return " ".join(self._codec.encode(f"{name}: {value}") for name, value in shown.items())

    def _answer_text(self, fields: Mapping[str, str]) -> str:
        return self._codec.field.join(self._codec.encode(f"{name}: {value}") for name, value in fields.items())
