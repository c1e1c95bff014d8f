"""Token by token, a batch of answers at once. Runs in torch's inference mode; imports torch."""

import inspect
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from tunesmith.optim.finetune.prompting import Prompting
from tunesmith.optim.finetune.serving.asks import Ask, cut_at_stop


class Decoder(Protocol):
    """A model in the middle of a batch of texts."""

    logits: Tensor
    """[rows, vocabulary], of the next token of each."""

    def advance(self, tokens: Tensor) -> None:
        """Append one token [rows] to each text."""
        ...

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows only."""
        ...


class Written(NamedTuple):
    """An answer, as the adapter expects it."""

    text: str
    finish: Literal["stop", "length"]
    tokens: int
    """Generated, the one that ended it included."""


class _Text:
    """One answer while it is written."""

    def __init__(self, place: int, ask: Ask, limit: int) -> None:
        self.place, self.ask, self.limit = place, ask, limit
        self.ids: list[int] = []
        self.generator: torch.Generator | None = None
        if ask.temperature > 0:
            self.generator = torch.Generator()
            if ask.seed is None:
                self.generator.seed()
            else:
                self.generator.manual_seed(ask.seed)

    def append(self, token: int, prompting: Prompting) -> Written | None:
        """The answer, if the token ends it."""
        if token in prompting.end_ids:
            return Written(self._text(prompting), "stop", len(self.ids) + 1)
        self.ids.append(token)
        if self.ask.stop and (before := cut_at_stop(self._text(prompting), self.ask.stop)) is not None:
            return Written(before, "stop", len(self.ids))
        if len(self.ids) >= self.limit:
            return Written(self._text(prompting), "length", len(self.ids))
        return None

    def _text(self, prompting: Prompting) -> str:
        return prompting.answer(self.ids, self.ask.messages)


def decode(decoder: Decoder, asks: Sequence[Ask], limits: Sequence[int], prompting: Prompting) -> list[Written]:
    """The answers of `asks`, row by row. `limits` are the most tokens each may get.

    Rows that are through leave the batch at once.
    """
    written: dict[int, Written] = {}
    texts = [_Text(place, ask, limit) for place, (ask, limit) in enumerate(zip(asks, limits, strict=True))]
    while True:
        tokens = next_tokens(decoder.logits, texts)
        staying: list[int] = []
        for row, (text, token) in enumerate(zip(texts, tokens, strict=True)):
            if (end := text.append(token, prompting)) is None:
                staying.append(row)
            else:
                written[text.place] = end
        if not staying:
            return [written[place] for place in range(len(asks))]
        chosen = torch.tensor([tokens[row] for row in staying], device=decoder.logits.device)
        if len(staying) < len(texts):
            texts = [texts[row] for row in staying]
            decoder.keep(torch.tensor(staying, device=decoder.logits.device))
        decoder.advance(chosen)


def next_tokens(logits: Tensor, texts: Sequence[_Text]) -> list[int]:
    """The likeliest token of each row, or a draw where its ask has a temperature."""
    likeliest: list[int] = logits.argmax(dim=-1).tolist()
    return [
        token if text.generator is None else draw(logits[row], text.ask, text.generator)
        for row, (token, text) in enumerate(zip(likeliest, texts, strict=True))
    ]


def draw(logits: Tensor, ask: Ask, generator: torch.Generator) -> int:
    """One token of `logits` [vocabulary], among the likeliest that make up `top_p` together."""
    shares, order = (logits.float().cpu() / ask.temperature).softmax(dim=-1).sort(descending=True)
    before = shares.cumsum(dim=-1) - shares
    shares[(before >= ask.top_p) & (before > 0)] = 0.0
    return int(order[torch.multinomial(shares, 1, generator=generator)])


def forward(model: Any, *, cache: Any, position_ids: Any = None, **inputs: Any) -> Any:
    """The output of a transformers `model`, whatever its family and version call their arguments.

    It fills `cache`, and has logits of the last position alone where the model can.
    """
    known = inspect.signature(model.forward).parameters
    # Renamed in transformers 5.24; positions are unknown to models that bias attention by distance.
    inputs["cache" if "cache" in known else "past_key_values"] = cache
    if position_ids is not None and "position_ids" in known:
        inputs["position_ids"] = position_ids
    if "logits_to_keep" in known:
        # The head is the dearest part of a small model: it need not see the prompt.
        inputs["logits_to_keep"] = 1
    return model(use_cache=True, **inputs)
