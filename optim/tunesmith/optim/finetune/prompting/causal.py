"""Prompting a decoder: messages through its chat template, the answer as plain text."""

from collections.abc import Sequence
from typing import Any

from tunesmith.optim.adapters import Message
from tunesmith.optim.finetune.errors import FinetuneError

PROBE = "ANSWER"
FIXED: dict[str, Any] = {"enable_thinking": False, "date_string": "26 Jul 2024"}
"""What templates would otherwise decide by themselves: no room for thoughts, and the same date in training and
serving. A template ignores what it does not know."""


class CausalPrompting:
    """`Prompting` of a causal model. `tokenizer` is a transformers tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._has_template = tokenizer.chat_template is not None
        end_of_turn = _end_of_turn(self) if self._has_template else tokenizer.eos_token_id
        end_ids = [end_of_turn, tokenizer.eos_token_id]
        self.end_ids: Sequence[int] = list(dict.fromkeys(token for token in end_ids if token is not None))
        if not self.end_ids:
            raise FinetuneError("The model's tokenizer has no token that ends a text.", "Choose another model.")

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        if self._has_template:
            return self._encode(self.rendered(messages, add_generation_prompt=True))
        text = "".join(f"{message.role.capitalize()}:\n{message.content}\n\n" for message in messages) + "Assistant:\n"
        begin: list[int] = self._tokenizer("").input_ids[:1]
        return [*begin, *self._encode(text)] if begin == [self._tokenizer.bos_token_id] else self._encode(text)

    def target_ids(self, target: str, messages: Sequence[Message]) -> list[int]:
        return [*self._encode(target.strip()), self.end_ids[0]]

    def answer(self, ids: Sequence[int], messages: Sequence[Message]) -> str:
        text: str = self._tokenizer.decode(
            until_end(ids, self.end_ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text.strip()

    def is_expressible(self, target: str, messages: Sequence[Message]) -> bool:
        return self.answer(self.target_ids(target, messages), messages) == target.strip()

    def rendered(self, messages: Sequence[Message], *, add_generation_prompt: bool) -> str:
        """The template's text. Where it knows no system message, that one is put before the first user's."""
        from jinja2 import TemplateError

        turns = [{"role": message.role, "content": message.content} for message in messages]
        for chat in (turns, _without_system(turns)):
            try:
                text: str = self._tokenizer.apply_chat_template(
                    chat, tokenize=False, add_generation_prompt=add_generation_prompt, **FIXED
                )
            except TemplateError as error:
                refusal = error
            else:
                return text
        raise FinetuneError(
            f"The model's chat template refuses these messages ({refusal}).",
            "Give messages that alternate between user and assistant.",
        )

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
        return ids


def until_end(ids: Sequence[int], end_ids: Sequence[int]) -> list[int]:
    """What lies before the first token that ends an answer."""
    end = next((place for place, token in enumerate(ids) if token in end_ids), len(ids))
    return list(ids[:end])


def _end_of_turn(prompting: CausalPrompting) -> int | None:
    """The first special token the template writes after an answer."""
    turn = [Message(role="user", content="Q"), Message(role="assistant", content=PROBE)]
    after = prompting.rendered(turn, add_generation_prompt=False).rpartition(PROBE)[2]
    tokenizer = prompting._tokenizer
    special = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
    ids: list[int] = tokenizer(after, add_special_tokens=False).input_ids
    return next((token for token in ids if token in special), tokenizer.eos_token_id)


def _without_system(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """System text moved to the front of the first user's message."""
    system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
    rest = [dict(turn) for turn in turns if turn["role"] != "system"]
    if system and rest and rest[0]["role"] == "user":
        rest[0]["content"] = f"{system}\n\n{rest[0]['content']}"
    elif system:
        rest.insert(0, {"role": "user", "content": system})
    return rest
