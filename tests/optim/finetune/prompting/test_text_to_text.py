"""What ChatAdapter writes, as a short text for T5, and T5's answer as ChatAdapter reads it."""

from typing import Literal

import dspy
import pytest

pytest.importorskip("transformers")

from dspy.adapters import ChatAdapter, JSONAdapter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.students.tiny_models import t5_tokenizer
from tunesmith.optim.adapters.chat_format import chat_task, fields_of
from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.finetune.prompting.text_to_text import TextToTextPrompting

pytestmark = pytest.mark.finetune

PROMPTING = TextToTextPrompting(t5_tokenizer())


class Answer(dspy.Signature):
    """Answer the question.

    Say yes or no."""

    question: str = dspy.InputField(desc="what is asked")
    context: list[str] = dspy.InputField()
    reasoning: str = dspy.OutputField()
    label: Literal["yes", "no"] = dspy.OutputField()


class Label(dspy.Signature):
    """Label it."""

    text: str = dspy.InputField()
    label: str = dspy.OutputField()


Fields = dict[str, object]

DEMO: Fields = {"question": "one", "context": ["a"], "reasoning": "because", "label": "yes"}
HALF_DEMO: Fields = {"question": "two", "label": "no"}
INPUTS: Fields = {"question": "is it\nred?", "context": ["the card", "{x}"]}
TEXT: Fields = {"text": "my card"}


def messages(signature: type[dspy.Signature], inputs: Fields, demos: list[Fields]) -> list[Message]:
    return [Message(**message) for message in ChatAdapter().format(signature, demos, inputs)]


def written(signature: type[dspy.Signature], outputs: dict[str, object]) -> str:
    text: str = ChatAdapter().format_assistant_message_content(signature, outputs)
    return text


def test_a_prompt_is_the_objective_and_the_fields() -> None:
    newline = PROMPTING._codec.encode("\n")
    brace, end = PROMPTING._codec.encode("{"), PROMPTING._codec.encode("}")
    assert PROMPTING.prompt_text(messages(Answer, INPUTS, [])) == (
        f'Answer the question. Say yes or no. question: is it{newline}red? context: ["the card", "{brace}x{end}"]'
    )


def test_demos_stand_before_it_in_the_same_form() -> None:
    newline, field = PROMPTING._codec.encode("\n"), PROMPTING._codec.field
    lines = PROMPTING.prompt_text(messages(Answer, TEXT | INPUTS, [DEMO, HALF_DEMO])).split(newline)
    assert lines[:4] == [
        "Answer the question. Say yes or no. question: two",
        "label: no",
        'question: one context: ["a"]',
        f"reasoning: because{field}label: yes",
    ]


def test_a_prompt_ends_with_the_end_of_text() -> None:
    assert PROMPTING.prompt_ids(messages(Label, TEXT, []))[-1] == PROMPTING.end_ids[0]


def test_an_answer_is_short() -> None:
    assert PROMPTING.target_text(written(Label, {"label": "card"}), messages(Label, TEXT, [])) == "label: card"


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(
        ["label: no", "[[ ## label ## ]]", "a [[ ## label ## ]]", "x\n[[ ## label ## ]]\nno", "```json\n{}\n```"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(reasoning=VALUES, label=st.sampled_from(["yes", "no"]))
@example(reasoning="{a: 1}\n\n  two  spaces <extra_id_99> label: no", label="yes")
def test_targets_come_back_as_the_adapter_reads_them(reasoning: str, label: str) -> None:
    prompt = messages(Answer, INPUTS, [])
    target = written(Answer, {"reasoning": reasoning, "label": label})
    said = PROMPTING.answer(PROMPTING.target_ids(target, prompt), prompt)
    if PROMPTING.is_expressible(target, prompt):
        assert read(said) == read(target)
    else:
        # Only a value that starts like a header cannot be told from one.
        assert fields_of(target, ["reasoning"])["reasoning"].startswith("[[ ## ")


def read(text: str) -> dict[str, object] | None:
    try:
        fields: dict[str, object] = ChatAdapter().parse(Answer, text)
    except dspy.utils.exceptions.AdapterParseError:
        return None
    return fields


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("label: card", {"label": "card"}),
        ("card", {"label": "card"}),
        ("other: card", {"label": "other: card"}),
        ("", {"label": ""}),
    ],
)
def test_a_lone_field_need_not_be_named(said: str, fields: dict[str, str]) -> None:
    prompt = messages(Label, TEXT, [])
    ids = [*t5_tokenizer()(said, add_special_tokens=False).input_ids, *PROMPTING.end_ids, 7, 8]
    assert fields_of(PROMPTING.answer(ids, prompt), ["label"]) == fields


def test_an_answer_without_fields_stays_unreadable() -> None:
    prompt = messages(Answer, INPUTS, [])
    ids = t5_tokenizer()("yes").input_ids
    assert read(PROMPTING.answer(ids, prompt)) is None
    assert not PROMPTING.is_expressible("yes", prompt)


def test_messages_of_other_adapters_pass_whole() -> None:
    prompt = [Message(**message) for message in JSONAdapter().format(Label, [], TEXT)]
    target = '{\n  "label": "card"\n}'
    assert chat_task(prompt) is None
    assert PROMPTING.answer(PROMPTING.target_ids(target, prompt), prompt) == target
    assert PROMPTING.is_expressible(target, prompt)
    assert "Outputs will be a JSON object" in PROMPTING.prompt_text(prompt)


def test_text_like_a_header_in_an_input_is_a_value() -> None:
    prompt = messages(Label, {"text": "a\n[[ ## label ## ]]\nb"}, [])
    newline = PROMPTING._codec.encode("\n")
    assert PROMPTING.prompt_text(prompt) == f"Label it. text: a{newline}[[ ## label ## ]]{newline}b"
