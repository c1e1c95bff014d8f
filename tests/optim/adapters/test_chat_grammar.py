"""Grammars of output types: what they allow, and that ChatAdapter parses all of it."""

import enum
import re
from typing import Any, Literal, Optional

import dspy
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.adapters.chat_grammar import constrain


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "very large"


class Nested(pydantic.BaseModel):
    name: str


# annotation, texts it allows, texts it does not
VALUES: list[tuple[Any, list[str], list[str]]] = [
    (Literal["card", "cash"], ["card", "cash"], ["Card", "card ", "", "cards"]),
    (Literal["a b", 'say "x"', "back\\slash"], ["a b", 'say "x"', "back\\slash"], ["ab"]),
    (Size, ["small", "very large"], ["SMALL"]),
    (bool, ["True", "False"], ["true", "yes"]),
    (int, ["0", "-12", "2217"], ["1.5", "", "12a", "- 1"]),
    (float, ["0", "-1.5", "12.25"], [".5", "1.", "one"]),
    (Optional[int], ["7", "None"], ["null"]),  # noqa: UP045 - users write both spellings
    (Size | None, ["small", "None"], ["tiny"]),
    (str | None, ["None", "some text"], [""]),
    (list[str], ["[]", '["a"]', '["a", "b \\" c"]'], ["a", "['a']", '["a",]']),
    (list[int], ["[]", "[1, -2]"], ["[1.5]", "1"]),
    (list[bool], ["[true, false]"], ["[True]"]),
    (list[Literal["x", "y"]], ['["x", "y", "x"]'], ['["z"]', "[x]"]),
    (list[Size], ['["small"]'], ['["SMALL"]']),
    (str, ["plain", "two\nlines", "a [bracket]", "[1] x"], ["", "\n", "a [[ b"]),
]


@pytest.mark.parametrize(("annotation", "allowed", "refused"), VALUES, ids=lambda value: str(value)[:40])
def test_values(annotation: Any, allowed: list[str], refused: list[str]) -> None:
    pattern = value_pattern(annotation)
    for text in allowed:
        assert pattern.fullmatch(text), text
    for text in refused:
        assert not pattern.fullmatch(text), text


@pytest.mark.parametrize("annotation", [annotation for annotation, *_ in VALUES], ids=str)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_allowed_parses(annotation: Any, data: st.DataObject) -> None:
    signature = dspy.Signature(
        {"question": (str, dspy.InputField()), "answer": (annotation, dspy.OutputField())}, "Do."
    )
    constraint = constrain({"answer": annotation})
    assert constraint is not None
    text = constraint.prefill + data.draw(st.from_regex(to_regex(constraint.grammar), fullmatch=True))
    assert "answer" in dspy.ChatAdapter().parse(signature, text)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_fields_follow_each_other(data: st.DataObject) -> None:
    fields: dict[str, Any] = {"label": Literal["x", "y"], "why": str, "count": int, "note": str}
    signature = dspy.Signature(
        {"question": (str, dspy.InputField()), **{name: (kind, dspy.OutputField()) for name, kind in fields.items()}},
        "Do.",
    )
    constraint = constrain(fields)
    assert constraint is not None
    assert constraint.prefill == "[[ ## label ## ]]\n"
    text = constraint.prefill + data.draw(st.from_regex(to_regex(constraint.grammar), fullmatch=True))
    parsed = dspy.ChatAdapter().parse(signature, text)
    assert list(parsed) == list(fields)
    assert parsed["label"] in ("x", "y")


@pytest.mark.parametrize(
    "annotation",
    [
        dict[str, int],
        Nested,
        list[dict[str, int]],
        list[list[int]],
        int | str,
        Literal["two\nlines"],
        Literal["[[ ## x ## ]]"],
        Literal[" padded"],
        Any,
    ],
    ids=str,
)
def test_types_without_a_grammar(annotation: Any) -> None:
    assert constrain({"label": Literal["a"], "other": annotation}) is None


def test_no_outputs() -> None:
    assert constrain({}) is None


def value_pattern(annotation: Any) -> re.Pattern[str]:
    """Of the value alone: the end marker that may follow a free text is cut off."""
    constraint = constrain({"answer": annotation})
    assert constraint is not None
    grammar = re.sub(r' "\\n\\n\[\[ ## completed ## \]\]"\?', "", constraint.grammar)
    return re.compile(to_regex(grammar))


def to_regex(grammar: str) -> str:
    """The part of GBNF in use, as a regular expression."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.strip().splitlines())

    def translate(body: str) -> str:
        tokens = re.findall(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{[\d,]+\}|[a-z][a-z-]*|[()|*+?]', body)
        return "".join(map(one, tokens))

    def one(token: str) -> str:
        if token.startswith('"'):
            return f"(?:{re.escape(unquote(token[1:-1]))})"
        if token[0].isalpha():
            return f"(?:{translate(rules[token])})"
        return "(?:" if token == "(" else token

    return translate(rules["root"])


def unquote(text: str) -> str:
    escapes = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
    return re.sub(r"\\(.)", lambda match: escapes[match[1]], text)
