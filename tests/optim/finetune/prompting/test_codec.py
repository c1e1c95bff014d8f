"""Texts survive a tokenizer that has no braces, no newline and one space at a time."""

import pytest

pytest.importorskip("transformers")

from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.students.tiny_models import causal_tokenizer, t5_tokenizer
from tunesmith.optim.finetune.prompting.codec import Codec

pytestmark = pytest.mark.finetune

TOKENIZERS = {"with sentinels": t5_tokenizer(), "without sentinels": causal_tokenizer()}
CODECS = {name: Codec(tokenizer) for name, tokenizer in TOKENIZERS.items()}
TEXTS = st.text(st.one_of(st.sampled_from(" {}\n\t<>|ab1:[]#`~^\\"), st.characters(exclude_categories=["Cs"])))


def survived(name: str, text: str) -> str:
    """After the encoder, the tokenizer and the way back."""
    codec, tokenizer = CODECS[name], TOKENIZERS[name]
    ids: list[int] = tokenizer(codec.encode(text)).input_ids
    return codec.decode(codec.decode_ids(ids))


@pytest.mark.parametrize("name", list(CODECS))
@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
@example(text='{"a": [1,  2],\n\t"b": "<extra_id_97> </s> <pad> |n ||"}')
@example(text="漢字 é ﬁ ▁ \u00a0 e\u0301 \x00 👍🏽")
@example(text=" leading and trailing ")
def test_every_text_comes_back(name: str, text: str) -> None:
    assert survived(name, text) == text


def test_plain_words_stay_as_they_are() -> None:
    assert CODECS["with sentinels"].encode("the label: card, yes (1)") == "the label: card, yes (1)"


def test_the_tokenizer_alone_would_lose_them() -> None:
    tokenizer = TOKENIZERS["with sentinels"]
    assert "{" not in tokenizer.decode(tokenizer("{").input_ids)
    assert tokenizer.decode(tokenizer("a\n\nb").input_ids, skip_special_tokens=True) != "a\n\nb"


@pytest.mark.parametrize(
    "symbols", ["<extra_id_98>", "<extra_id_98>zz<extra_id_98>", "<extra_id_98>ffffff<extra_id_98>"]
)
def test_symbols_out_of_place_are_left_out(symbols: str) -> None:
    decoded = CODECS["with sentinels"].decode(f"a{symbols}b")
    assert "extra_id" not in decoded
    assert decoded.startswith("a")
