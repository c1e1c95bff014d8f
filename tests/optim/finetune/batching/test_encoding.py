from collections.abc import Sequence

import pytest

from support.students.mapping_task import mapping_rows
from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.finetune.batching.encoding import encode_rows, encode_what_fits
from tunesmith.optim.finetune.errors import NothingToTrain, TargetsNotExpressible
from tunesmith.optim.finetune.settings import TrainSettings

SETTINGS = TrainSettings(tasks=["color", "opposite"], max_tokens=200)


class Characters:
    """A prompting whose tokens are characters, and that cannot write one of them."""

    end_ids: Sequence[int] = (0,)

    def __init__(self, unknown: str = "#") -> None:
        self._unknown = unknown

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return [ord(character) for message in messages for character in message.content]

    def target_ids(self, target: str, messages: Sequence[Message]) -> list[int]:
        return [*map(ord, target), 0]

    def answer(self, ids: Sequence[int], messages: Sequence[Message]) -> str:
        return "".join(map(chr, ids)).rstrip("\0")

    def is_expressible(self, target: str, messages: Sequence[Message]) -> bool:
        return self._unknown not in target


def test_rows_become_prompt_target_and_task() -> None:
    rows = mapping_rows(2, tasks=["color", "opposite"])
    encoded, refused = encode_rows(rows, Characters(), SETTINGS)
    assert refused == {}
    assert [one.task for one in encoded] == [0, 1]
    for row, one in zip(rows, encoded, strict=True):
        assert bytes(one.prompt).decode() == "".join(message.content for message in row.messages)
        assert bytes(one.target).decode() == row.target + "\0"


def test_long_rows_are_refused_and_counted_never_cut() -> None:
    rows = mapping_rows(20)
    lengths = [one.tokens for one in encode_rows(rows, Characters(), SETTINGS)[0]]
    limit = sorted(lengths)[10]
    encoded, refused = encode_rows(rows, Characters(), TrainSettings(tasks=["color"], max_tokens=limit))
    assert [one.tokens for one in encoded] == [length for length in lengths if length <= limit]
    assert refused == {f"longer than {limit} tokens": sum(length > limit for length in lengths)}
    assert any(length > limit for length in lengths)


def test_rows_of_other_predictors_are_refused() -> None:
    rows = mapping_rows(10, tasks=["color", "stranger"])
    encoded, refused = encode_rows(rows, Characters(), SETTINGS)
    assert (len(encoded), refused) == (5, {"of no predictor to train": 5})


def test_a_target_that_cannot_be_written_is_refused_and_many_are_an_error() -> None:
    rows = mapping_rows(300)
    green = sum("green" in row.target for row in rows)
    assert green > 3
    few = [row for row in rows if "green" not in row.target][:200] + [row for row in rows if "green" in row.target][:2]
    encoded, refused = encode_rows(few, Characters("g"), SETTINGS)
    assert (len(encoded), refused) == (200, {"cannot be written by the tokenizer": 2})
    with pytest.raises(TargetsNotExpressible, match=f"{green} of 300 answers exactly, for example 'green'"):
        encode_rows(rows, Characters("g"), SETTINGS)
    assert encode_what_fits(rows, Characters("g"), SETTINGS)[1] == {"cannot be written by the tokenizer": green}


def test_nothing_left() -> None:
    with pytest.raises(NothingToTrain, match="7 longer than 3 tokens"):
        encode_rows(mapping_rows(7), Characters(), TrainSettings(tasks=["color"], max_tokens=3))
    with pytest.raises(NothingToTrain, match="there are none"):
        encode_rows([], Characters(), SETTINGS)
    assert encode_what_fits([], Characters(), SETTINGS) == ([], {})
