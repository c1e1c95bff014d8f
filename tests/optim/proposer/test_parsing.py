"""Whatever form a model chose: the instructions come out, whole and bare."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.proposer.parsing import parse_instructions, strip_wrapping

ONE, TWO = "Read the message and choose the topic.", "Label the message: broken or money."
STEPS = "Follow these steps:\n1. Read the message.\n2. Choose the topic."
CASES = {
    "tags": f"<instruction>{ONE}</instruction>\n<instruction>\n{TWO}\n</instruction>",
    "tags with talk": f"Sure!\n<instruction>{ONE}</instruction> and\n<instruction>{TWO}</instruction> Hope it helps.",
    "tags left open": f"<instruction>{ONE}\n<instruction>{TWO}",
    "tags in a fence": f"```xml\n<instruction>{ONE}</instruction>\n<instruction>{TWO}</instruction>\n```",
    "tags with numbers": f'<instruction id="1">{ONE}</instruction><Instruction id="2">{TWO}</Instruction>',
    "after thinking": f"<think>1. Hm.\n2. So.</think><instruction>{ONE}</instruction><instruction>{TWO}</instruction>",
    "json texts": json.dumps([ONE, TWO]),
    "json objects": json.dumps([{"instruction": ONE, "why": "short"}, {"instruction": TWO, "why": "terse"}]),
    "json in an object": json.dumps({"instructions": [ONE, TWO]}),
    "json by number": json.dumps({"instruction_1": ONE, "instruction_2": TWO}),
    "json in a fence": f"Here you are:\n```json\n{json.dumps([ONE, TWO], indent=2)}\n```\nEnjoy.",
    "json after talk": f"Here are two:\n{json.dumps([ONE, TWO])}",
    "numbers": f"1. {ONE}\n2. {TWO}",
    "numbers with brackets": f"1) {ONE}\n\n2) {TWO}",
    "bold numbers": f"**1.** {ONE}\n**2.** {TWO}",
    "numbers and prefix": f"1. Instruction: {ONE}\n2. **Instruction:** {TWO}",
    "numbers and quotes": f'Here are two:\n1. "{ONE}"\n2. “{TWO}”',
    "headings": f"### Instruction 1\n{ONE}\n\n### Instruction 2\n{TWO}",
    "bold headings": f"**Variant 1:** {ONE}\n\n**Variant 2:** {TWO}",
    "plain headings": f"Instruction 1: {ONE}\nInstruction 2: {TWO}",
    "rules": f"{ONE}\n---\n{TWO}",
    "windows lines": f"1. {ONE}\r\n2. {TWO}\r\n",
    "json cut off": f'[{{"instruction": "{ONE}"}}, {{"instruction": "{TWO}"}}, {{"instruction": "Then',
    "repeated": f"1. {ONE}\n2. {TWO}\n3. {ONE}",
}


@pytest.mark.parametrize("answer", CASES.values(), ids=CASES.keys())
def test_two_instructions(answer: str) -> None:
    assert parse_instructions(answer) == [ONE, TWO]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("", []),
        ("   \n", []),
        (ONE, [ONE]),
        (f"Here is the instruction:\n\n{ONE}", [ONE]),
        (f"```\n{ONE}\n```", [ONE]),
        (f"1. {STEPS}\n2. {TWO}", [STEPS, TWO]),
        (f"<instruction>{STEPS}</instruction>", [STEPS]),
        ("1. Only one thing to do", ["Only one thing to do"]),
        ('<instruction>Say "yes" or "no".</instruction>', ['Say "yes" or "no".']),
        ("<instruction>Keep {braces} and `ticks`: ü, 字.</instruction>", ["Keep {braces} and `ticks`: ü, 字."]),
        ("<instruction></instruction>", []),
        (f"{ONE}</instruction>", [ONE]),
        ('{"error": {"code": 1, "detail": [null, 2, {}]}}', []),
        ('[{"instruction": ', []),
        ("[1] Read.", ["[1] Read."]),
        ("{topic} is what to find.", ["{topic} is what to find."]),
    ],
)
def test_odd_answers(answer: str, found: list[str]) -> None:
    assert parse_instructions(answer) == found


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Instruction: Read.", "Read."),
        ("Proposed instruction: Read.", "Read."),
        ("**Instruction 3:** Read.", "Read."),
        ('"Read."', "Read."),
        ('Instruction: "Read."', "Read."),
        ("**Read all of it.**", "Read all of it."),
        # What looks alike and belongs to the text.
        ("Given a message: choose the topic.", "Given a message: choose the topic."),
        ("Important: read it twice.", "Important: read it twice."),
        ('"Yes" or "no"', '"Yes" or "no"'),
        ("'Tis the message's topic'", "'Tis the message's topic'"),
        ("**Role** and **task**", "**Role** and **task**"),
        ("Instructions follow: read.", "Instructions follow: read."),
    ],
)
def test_only_what_wraps_is_dropped(text: str, bare: str) -> None:
    assert strip_wrapping(text) == bare


@settings(deadline=None)
@given(st.text())
def test_any_answer_is_read(answer: str) -> None:
    assert all(isinstance(text, str) and text.strip() for text in parse_instructions(answer))


@settings(deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_characters="<>\r", exclude_categories=("Cs", "Cc"))), min_size=1, max_size=4)
)
def test_tagged_texts_come_back_but_for_their_wrapping(texts: list[str]) -> None:
    answer = "\n".join(f"<instruction>\n{text}\n</instruction>" for text in texts)
    expected = [bare for text in texts if (bare := strip_wrapping(text))]
    if expected:
        assert parse_instructions(answer) == list(dict.fromkeys(expected))
