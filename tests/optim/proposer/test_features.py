"""Each feature, on texts that have it and texts that nearly do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.proposer.features import FEATURES, FeatureContext, extract_features

CONTEXT = FeatureContext(
    labels=("broken", "money"),
    fields=("message", "bike_number"),
    confusions=(("money", "broken"),),
    error_phrases=("leading zero",),
)

CASES: list[tuple[str, str, float]] = [
    ("asks_for_steps", "Think step by step.", 1),
    ("asks_for_steps", "First find the date, then add a year.", 1),
    ("asks_for_steps", "Do not think aloud.", 0),
    ("asks_for_steps", "Answer without reasoning.", 0),
    ("asks_for_steps", "Gehe Schritt für Schritt vor.", 1),
    ("names_format", "Answer with one word.", 1),
    ("names_format", "Return a JSON object.", 1),
    ("names_format", "Find the number of the bike.", 0),
    ("lists_labels", "Say broken or money.", 1),
    ("lists_labels", "Is it about MONEY?", 0.5),
    ("lists_labels", "Monetary matters.", 0),
    ("warns_of_error", "Do not take money for broken.", 1),
    ("warns_of_error", "Labels: broken, money.", 0),
    ("warns_of_error", "Be careful.", 0.5),
    ("warns_of_error", "Labels: broken, money. Avoid mistakes.", 0.5),
    ("warns_of_error", "Never write a leading zero.", 1),
    ("persona", "You are a clerk of a bike rental.", 1),
    ("persona", "Are you sure?", 0),
    ("states_stakes", "This is critical.", 1),
    ("states_stakes", "Sort the message.", 0),
    ("gives_example", "For example: 'x' is broken.", 1),
    ("gives_example", "Give the answer.", 0),
    ("forbids_explanation", "Answer with the label and nothing else.", 1),
    ("forbids_explanation", "Reply with the number only.", 1),
    ("forbids_explanation", "Do not explain.", 1),
    ("forbids_explanation", "Explain your answer.", 0),
    ("asks_to_quote", "Copy the number from the message.", 1),
    ("asks_to_quote", "Find the number.", 0),
    ("edge_cases", "If the message names several bikes, take the first.", 1),
    ("edge_cases", "In doubt say money, otherwise broken.", 1),
    ("edge_cases", "Decide what it is about.", 0),
    ("bullet_structure", "- one\n- two\n- three\n- four", 1),
    ("bullet_structure", "1. one\n2) two\nthree", 2 / 3),
    ("bullet_structure", "A well-known 2 - 1 result", 0),
    ("politeness", "Please sort it.", 1),
    ("politeness", "I am pleased.", 0),
    ("names_fields", "Read the message. Give the bike number.", 1),
    ("names_fields", "Read the `message`.", 0.5),
    ("names_fields", "Read the messages.", 0),
]


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_feature(name: str, text: str, expected: float) -> None:
    assert extract_features(text, CONTEXT)[name] == pytest.approx(expected)


def test_every_feature_has_a_case() -> None:
    assert {name for name, _, _ in CASES} | {"length"} == set(FEATURES)


def test_length_grows_with_words_in_any_script() -> None:
    english = [extract_features("word " * n, CONTEXT)["length"] for n in (1, 10, 40, 160)]
    assert english == sorted(english)
    assert english[2] == pytest.approx(0)
    assert english[3] == pytest.approx(1, abs=0.02)
    chinese = [extract_features("字" * n, CONTEXT)["length"] for n in (4, 80, 400)]
    assert chinese == sorted(chinese)
    assert chinese[1] == pytest.approx(0)


def test_labels_without_word_boundaries_are_found() -> None:
    context = FeatureContext(labels=("付款", "故障"))
    assert extract_features("请判断是付款还是别的问题", context)["lists_labels"] == 0.5


@settings(deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=8), max_size=4))
def test_any_text_gives_every_feature_within_its_bounds(text: str, labels: list[str]) -> None:
    found = extract_features(text, FeatureContext(labels=tuple(labels), fields=tuple(labels)))
    assert list(found) == list(FEATURES)
    assert all(-2.5 <= value <= 2.5 if name == "length" else 0 <= value <= 1 for name, value in found.items())


def test_a_long_text_without_a_full_stop_takes_no_quadratic_time() -> None:
    assert extract_features("if first only think answer not " * 20_000, CONTEXT)["asks_for_steps"] == 1
