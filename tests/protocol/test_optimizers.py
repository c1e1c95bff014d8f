"""The table of optimizers: one place for names, keywords, defaults and help."""

from typing import get_args

import msgspec
import pytest

from tunesmith.protocol import DEFAULT_OPTIMIZER, EVALUATE, OPTIMIZERS, OptimizerName, OptionInfo, Tuner, decode, encode
from tunesmith.protocol.optimizers import OptimizerInfo
from tunesmith.protocol.typescript import generate


def option(optimizer: str, keyword: str) -> OptionInfo:
    return next(one for one in OPTIMIZERS[optimizer].options if one.keyword == keyword)


def test_the_wire_knows_the_names_of_the_table() -> None:
    assert get_args(Tuner) == tuple(OPTIMIZERS)
    assert get_args(OptimizerName) == (*OPTIMIZERS, EVALUATE)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert("mipro", Tuner)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_entry_is_plain_data(name: str) -> None:
    data = encode(OPTIMIZERS[name])
    assert encode(decode(data, OptimizerInfo)) == data


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_a_run_differs_in_is_an_option(name: str) -> None:
    keywords = {one.keyword: one for one in OPTIMIZERS[name].options}
    for keyword, value in OPTIMIZERS[name].run_options.items():
        assert value != keywords[keyword].default


@pytest.mark.parametrize(
    ("expected"),
    [
        OptionInfo(
            keyword="teacher_rounds",
            kind="whole number",
            default=1,
            positive=True,
            help="how often the improved program teaches again",
        ),
        OptionInfo(keyword="strict", kind="flag", default=False),
        OptionInfo(keyword="embedder", kind="other"),
    ],
    ids=lambda one: one.keyword,
)
def test_options_are_read_from_their_struct(expected: OptionInfo) -> None:
    assert option("bootstrap-fewshot", expected.keyword) == expected


def test_choices_keep_their_order() -> None:
    assert option("mipro-v2", "auto").choices == ["light", "medium", "heavy"]
    assert option("bootstrap-finetune", "learning_rate").value == "RATE"


def test_the_editor_gets_the_table() -> None:
    text = generate()
    assert f'DEFAULT_OPTIMIZER: Optimizer = "{DEFAULT_OPTIMIZER.name}"' in text
    for optimizer in OPTIMIZERS.values():
        assert f'title: "{optimizer.title}"' in text
