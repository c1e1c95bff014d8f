"""Rows that share prefixes: every example once, budgets kept, targets recoverable. No torch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.optim.finetune.batching.packed_rows import PackedRow, one_row, plan_rows

# Few distinct tokens and short lists, so that prefixes are shared, examples repeat and one continues another.
TOKENS = st.integers(0, 2)
EXAMPLES = st.lists(
    st.builds(Encoded, st.lists(TOKENS, min_size=1, max_size=9), st.lists(TOKENS, min_size=1, max_size=4), st.just(0)),
    max_size=12,
)


def example(prompt: str, target: str) -> Encoded:
    return Encoded([ord(character) for character in prompt], [ord(character) for character in target], 0)


def text(tokens: list[int]) -> str:
    return "".join(map(chr, tokens))


def seen_by(row: PackedRow, query: int) -> list[int]:
    return [key for key in range(query + 1) if query < row.visible_until[key]]


@pytest.mark.parametrize(
    ("examples", "tokens", "positions"),
    [
        pytest.param([("abc", "xy")], "abcx", [0, 1, 2, 3], id="one example"),
        pytest.param([("abcd", "xy"), ("abce", "z")], "abcdxe", [0, 1, 2, 3, 4, 3], id="one prefix"),
        pytest.param([("abc", "x"), ("abc", "yz")], "abcy", [0, 1, 2, 3], id="no suffix: targets behind the prefix"),
        pytest.param([("abc", "xy"), ("abc", "xy")], "abcx", [0, 1, 2, 3], id="the same twice"),
        pytest.param([("ab", "cd"), ("abcd", "e")], "abcd", [0, 1, 2, 3], id="a turn that follows another"),
        pytest.param(
            [("pax", "1"), ("qcx", "2"), ("pay", "3"), ("qcy", "4")],
            "paxyqcxy",
            [0, 1, 2, 2, 0, 1, 2, 2],
            id="two prefixes",
        ),
        pytest.param([("pabx", "1"), ("paby", "2"), ("pc", "3")], "pabxyc", [0, 1, 2, 3, 3, 1], id="prefix in prefix"),
    ],
)
def test_what_is_shared_is_computed_once(examples: list[tuple[str, str]], tokens: str, positions: list[int]) -> None:
    row = one_row([example(*one) for one in examples])
    assert (text(row.tokens), row.positions) == (tokens, positions)


@given(EXAMPLES, st.integers(1, 40))
def test_rows_hold_every_example_once_within_the_budget(examples: list[Encoded], batch_tokens: int) -> None:
    rows = plan_rows(examples, batch_tokens)
    assert sorted(index for row in rows for index in row.examples) == list(range(len(examples)))
    for row in rows:
        assert len(row.tokens) <= batch_tokens or len(row.examples) == 1
    assert rows == plan_rows(examples, batch_tokens)
    if examples:
        unpacked = sum(len(one.prompt) + len(one.target) - 1 for one in examples)
        assert sum(len(row.tokens) for row in rows) <= unpacked


@given(EXAMPLES, st.integers(1, 40))
def test_each_target_token_is_predicted_from_all_of_its_example_and_nothing_else(
    examples: list[Encoded], batch_tokens: int
) -> None:
    for row in plan_rows(examples, batch_tokens):
        labels = iter(zip(row.predictors, row.labels, strict=True))
        for index in row.examples:
            sequence = examples[index].prompt + examples[index].target
            for place in range(len(examples[index].prompt), len(sequence)):
                predictor, label = next(labels)
                seen = seen_by(row, predictor)
                assert label == sequence[place]
                assert [row.tokens[key] for key in seen] == sequence[:place]
                assert [row.positions[key] for key in seen] == list(range(place))
        assert next(labels, None) is None


@given(EXAMPLES)
def test_no_two_tokens_of_a_row_follow_the_same_ones(examples: list[Encoded]) -> None:
    row = one_row(examples)
    paths = [tuple(row.tokens[key] for key in seen_by(row, query)) for query in range(len(row.tokens))]
    assert len(set(paths)) == len(paths)


def test_a_row_ends_where_nothing_is_shared_and_attention_would_cost_more() -> None:
    examples = [Encoded([task] * 700 + [number], [9, 9], task) for number in range(4) for task in (0, 1)]
    assert [row.examples for row in plan_rows(examples, 4096)] == [[0, 2, 4, 6], [1, 3, 5, 7]]


def test_short_examples_that_share_nothing_are_computed_together() -> None:
    examples = [Encoded([number] * 10, [9], 0) for number in range(5)]
    assert [row.examples for row in plan_rows(examples, 4096)] == [[0, 1, 2, 3, 4]]


def test_a_long_row_is_cut_though_its_prefix_is_computed_again() -> None:
    rows = plan_rows([Encoded([0] * 400 + [number] * 60, [9] * 12, 0) for number in range(1, 41)], 1 << 20)
    assert all(900 <= len(row.tokens) <= 1800 for row in rows)


def test_a_prompt_of_no_token_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing predicts its target"):
        plan_rows([Encoded([], [1], 0)], 100)
