"""Texts a tokenizer cannot write, in symbols that it can.

T5's vocabulary has no braces and no newline, folds runs of spaces into one and normalises Unicode. What a tokenizer
loses is found by trying it, and stands in the encoded text as one of its unused sentinels, such as `<extra_id_97>`;
any rare character as its code point between two of them. A tokenizer without sentinels gets `|n`-like escapes.
"""

import re
from typing import Any

SENTINEL = "<extra_id_{}>"
CHARACTERS = ("\n", " ", "{", "}", "<", "\\", "`", "~", "^", "\t", "|")
"""Have a symbol of their own; others are spelled by code point. The order is the format: it numbers the symbols."""


class Codec:
    """`tokenizer` is a transformers tokenizer of a sequence-to-sequence model."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        last = SENTINEL.format(99)
        if _length(tokenizer, f" {last}") <= 2:
            names = [SENTINEL.format(99 - number) for number in range(len(CHARACTERS) + 2)]
            # Text may hold what looks like a sentinel, and sentinels all start with this.
            always = "<"
        else:
            names = [f"|{letter}" for letter in "fxnsolrbgtcip"]
            always = "<|"
        self.field, self._code, *rest = names
        """`field` parts the fields of an answer."""
        self._symbols = dict(zip(CHARACTERS, rest, strict=True))
        self._characters = {symbol: character for character, symbol in self._symbols.items()}
        # Spaces around a symbol mean nothing, so they may be set wherever they save tokens.
        spaced, tight = f"a {names[2]} b", f"a{names[2]}b"
        self._space = " " if _length(tokenizer, spaced) < _length(tokenizer, tight) else ""
        self._symbol = re.compile(rf" *({'|'.join(map(re.escape, names))}) *")
        code = re.escape(self._code)
        self._spelled = re.compile(rf" *{code} *([0-9a-f]{{1,6}}) *{code} *")
        self._writable = dict.fromkeys(always, False)
        sentinels = set(tokenizer.convert_tokens_to_ids(names))
        self._dropped = {token for token in tokenizer.all_special_ids if token not in sentinels}

    def encode(self, text: str) -> str:
        """The text in characters and symbols that the tokenizer keeps."""
        pieces: list[str] = []
        place = 0
        while place < len(text):
            character = text[place]
            is_kept_space = character == " " and self._is_between_plain(text, place)
            if is_kept_space or (character != " " and self._can_write(character)):
                pieces.append(character)
            else:
                pieces.append(f"{self._space}{self._symbol_of(character)}{self._space}")
            place += 1
        return "".join(pieces)

    def decode(self, encoded: str) -> str:
        """The inverse of `encode`; symbols that stand where `encode` sets none are left out."""
        text = self._spelled.sub(lambda match: _character(match[1]), encoded.strip(" "))
        return self._symbol.sub(lambda match: self._characters.get(match[1], ""), text)

    def decode_ids(self, ids: list[int]) -> str:
        """Encoded text of token ids; tokens that only frame a text are left out."""
        kept = [token for token in ids if token not in self._dropped]
        text: str = self._tokenizer.decode(kept, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return text

    def _symbol_of(self, character: str) -> str:
        spelled = f"{self._code}{self._space}{ord(character):x}{self._space}{self._code}"
        return self._symbols.get(character, spelled)

    def _is_between_plain(self, text: str, place: int) -> bool:
        """Tokenizers keep a single space between two other characters, and no other."""
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        return all(side not in ("", " ") and self._can_write(side) for side in (before, after))

    def _can_write(self, character: str) -> bool:
        known = self._writable.get(character)
        if known is None:
            known = self._writable[character] = self._is_kept(character)
        return known

    def _is_kept(self, character: str) -> bool:
        if "\ud800" <= character <= "\udfff":
            return False
        for tried in (f"a{character}b", f"a {character} b"):
            ids: list[int] = self._tokenizer(tried, add_special_tokens=False).input_ids
            if self._tokenizer.unk_token_id in ids or self.decode_ids(ids) != tried:
                return False
        return True


def _length(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False).input_ids)


def _character(code: str) -> str:
    point = int(code, 16)
    return chr(point) if point <= 0x10FFFF else ""
