import dspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.proposer.analysis import describe_data
from tunesmith.optim.proposer.data_patterns import find_patterns
from tunesmith.optim.proposer.label_words import distinguishing_words
from tunesmith.optim.proposer.scripts import dominant_script, guess_language


def examples(*rows: dict) -> list[dspy.Example]:
    return [dspy.Example(**row).with_inputs("message") for row in rows]


def test_what_a_field_holds() -> None:
    found = find_patterns(
        examples(
            {"message": "one two", "n": 1, "tags": ["a"]},
            {"message": "three", "n": 2.5, "tags": []},
            {"message": "", "n": True},
        )
    )
    message, n, tags = found.fields
    assert (message.is_input, n.is_input) == (True, False)
    assert message.types == {"text": 2}
    assert message.missing == 1
    assert message.distinct == 2
    assert (message.median_characters, message.p95_characters) == (6, 7)
    assert (message.median_words, message.p95_words) == (1.5, 2)
    assert n.types == {"whole number": 1, "number": 1, "yes/no": 1}
    assert (tags.types, tags.missing) == ({"list": 1}, 2)


def test_classes_with_their_balance_and_words() -> None:
    rows = [{"message": f"the tyre number {i} is flat", "topic": "broken"} for i in range(6)]
    rows += [{"message": f"the refund number {i} is late", "topic": "money"} for i in range(2)]
    found = find_patterns(examples(*rows))
    assert found.label == "topic"
    assert found.labels == {"broken": 6, "money": 2}
    assert found.imbalance == 3
    assert set(found.label_words["broken"]) == {"tyre", "flat"}
    assert set(found.label_words["money"]) == {"refund", "late"}
    assert "the largest has 3 times the examples of the smallest" in "\n".join(describe_data(found))


def test_duplicates_and_conflicts() -> None:
    rows = [("a", "x"), ("b", "x"), ("a", "x"), ("a", "y"), ("b", "x"), ("a", "y")]
    found = find_patterns(examples(*({"message": m, "answer": a} for m, a in rows)))
    assert found.duplicates == 3
    assert found.conflicts == [(0, 3)]
    assert "examples 0 and 3" in "\n".join(describe_data(found))


def test_unusual_values() -> None:
    rows = [{"message": "short enough", "answer": "x"} for _ in range(9)]
    rows += [{"message": "long " * 100, "answer": "x"}, {"message": " ", "answer": "x"}]
    found = find_patterns(examples(*rows))
    assert [(o.index, o.field, o.why) for o in found.outliers] == [
        (9, "message", "500 characters, where 12 is usual"),
        (10, "message", "empty"),
    ]


def test_an_often_empty_field_is_no_outlier() -> None:
    found = find_patterns(examples(*({"message": f"m{i}", "note": "" if i % 2 else "n"} for i in range(8))))
    assert found.outliers == []
    assert "missing in 4 of 8" in "\n".join(describe_data(found))


def test_no_data_at_all() -> None:
    found = find_patterns([])
    assert (found.count, found.fields, found.label, found.imbalance) == (0, [], None, None)
    assert describe_data(found) == ["Data: none"]


@pytest.mark.parametrize(
    ("text", "script", "language"),
    [
        ("What is the status of my card and how can I use it?", "Latin", "English"),
        ("Ich kann die Karte nicht finden, was ist mit dem Geld?", "Latin", "German"),
        ("Je ne trouve pas la carte, est ce que vous avez mon argent dans le compte?", "Latin", "French"),
        ("Где моя карта?", "Cyrillic", None),
        ("我的卡在哪里", "Cjk", None),
        ("カードはどこですか", "Japanese", None),
        ("où", "Latin", None),
        ("1234 !?", None, None),
        ("\ud800", None, None),
    ],
)
def test_scripts_and_languages(text: str, script: str | None, language: str | None) -> None:
    assert dominant_script(text) == script
    assert guess_language([text]) == language


def test_a_word_must_be_seen_twice_and_serves_one_label() -> None:
    texts = ["flat tyre", "flat wheel", "late refund", "late money", "unique"]
    found = distinguishing_words(texts, ["a", "a", "b", "b", "b"])
    assert found == {"a": ["flat"], "b": ["late"]}


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.one_of(st.none(), st.integers(), st.text(max_size=5))), max_size=12))
def test_any_data_can_be_described(rows: list) -> None:
    found = find_patterns(examples(*({"message": m, "answer": a} for m, a in rows)))
    assert found.count == len(rows)
    assert all(isinstance(line, str) for line in describe_data(found))
