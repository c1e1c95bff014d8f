"""Composed instructions: readable for any signature, balanced in their features, and bounded."""

import re
from collections import Counter
from typing import Any, Literal

import dspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.proposer.analysis import Analysis, feature_context
from tunesmith.optim.proposer.data_patterns import find_patterns
from tunesmith.optim.proposer.error_digest import ErrorCluster, ErrorDigest
from tunesmith.optim.proposer.features import extract_features
from tunesmith.optim.proposer.program_outline import outline_program
from tunesmith.optim.proposer.proposal import Proposal
from tunesmith.optim.proposer.template_facts import template_facts
from tunesmith.optim.proposer.templates import compose_templates, revise_leader


class SortMessage(dspy.Signature):
    """Decide what a message is about."""

    message: str = dspy.InputField()
    topic: Literal["broken", "money", "praise"] = dspy.OutputField()


def sorting_data() -> list[dspy.Example]:
    words = {
        "broken": "the brake squeaks again",
        "money": "refund my invoice please",
        "praise": "great service, thanks",
    }
    rows = [(topic, f"{text} {i}") for topic, text in words.items() for i in range(5)]
    return [dspy.Example(message=text, topic=topic).with_inputs("message") for topic, text in rows]


def cluster(kind: Any, field: str | None = None, pair: tuple[str, str] | None = None) -> ErrorCluster:
    return ErrorCluster(kind=kind, what="x", count=3, share=0.3, partly=0, field=field, pair=pair, examples=[])


def digest(*clusters: ErrorCluster) -> ErrorDigest:
    return ErrorDigest(judged=10, failed=3, partly=0, missing=0, clusters=list(clusters))


def variants(
    signature: Any,
    examples: list[Any],
    *clusters: ErrorCluster,
    count: int = 20,
    most: int = 10_000,
    module: Any = dspy.Predict,
) -> tuple[list[Proposal], Analysis, Any]:
    program = module(signature)
    name, predictor = program.named_predictors()[0]
    analysis = Analysis(
        data=find_patterns(examples),
        program=outline_program(program),
        errors=digest(*clusters) if clusters else None,
    )
    facts = template_facts(analysis, name, predictor.signature, analysis.errors)
    found = compose_templates(facts, count=count, most_characters=most)
    return found, analysis, predictor.signature


def check_english(text: str) -> None:
    assert text == text.strip()
    assert not re.search(r" {2,}(?!\w+:)|\.\.|,,| \.| ,|\(\)|\bNone\b|\[\]", text.replace("\n  ", "\n")), text
    for line in text.split("\n"):
        bare = line.removeprefix("- ").strip()
        assert bare, text
        is_definition = line.startswith("  ") or re.match(r"\S.*", line)
        assert bare[-1] in ".:" or is_definition, text
    assert text[0].isupper() or not text[0].isascii() or text[0] == "`", text


def test_twenty_different_texts_a_short_one_first_and_balanced() -> None:
    confusion = cluster("wrong label", "topic", ("broken", "money"))
    found, analysis, signature = variants(SortMessage, sorting_data(), confusion)
    texts = [proposal.text for proposal in found]
    assert len(set(texts)) == 20
    assert len(texts[0]) < 100
    assert SortMessage.instructions not in texts
    for text in texts:
        check_english(text)
    context = feature_context(analysis, "self", signature)
    having = Counter(name for text in texts for name, value in extract_features(text, context).items() if value > 0)
    for name in ("names_format", "warns_of_error", "forbids_explanation", "edge_cases"):
        assert 6 <= having[name] <= 14, (name, having[name])
    for name in ("asks_for_steps", "persona", "states_stakes", "politeness", "bullet_structure"):
        assert 3 <= having[name] <= 7, (name, having[name])
    assert sum(extract_features(text, context)["lists_labels"] == 1 for text in texts) in range(8, 17)


def test_the_texts_say_what_is_known() -> None:
    found, _, _ = variants(SortMessage, sorting_data(), cluster("wrong label", "topic", ("broken", "money")))
    together = "\n".join(proposal.text for proposal in found)
    assert "The possible labels are: broken, money, praise." in together
    assert re.search(r"broken: brake, squeaks\n", together)
    assert 'Do not answer "money" where "broken" is right. Words such as ' in together
    assert "Label the message as broken, money or praise." in together
    assert any(proposal.why.startswith("the instruction as it was, with ") for proposal in found)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("not parsed", "Do not leave out any output field."),
        ("missing field", "Never leave the bike empty."),
        ("extra text", "Do not add any extra text to the bike."),
        ("too long", "Do not make the bike too long."),
        ("wrong value", "Do not guess the bike: check it against the message."),
    ],
)
def test_warnings_of_other_errors_are_seen_by_the_feature(kind: str, sentence: str) -> None:
    found, analysis, signature = variants("message -> bike", [], cluster(kind, "bike"))
    warning = [proposal.text for proposal in found if sentence in proposal.text]
    assert len(warning) >= 6
    context = feature_context(analysis, "self", signature)
    assert all(extract_features(text, context)["warns_of_error"] == 1 for text in warning)


class Event(dspy.Signature):
    email: str = dspy.InputField()
    is_urgent: bool = dspy.OutputField()
    tags: list[str] = dspy.OutputField()
    start_date: str = dspy.OutputField(desc="ISO date")


@pytest.mark.parametrize(
    ("signature", "module"),
    [
        ("message -> bike: int", dspy.Predict),
        ("context, question -> answer", dspy.ChainOfThought),
        ("a, b, c, d, e -> f, g, h, i, j: bool", dspy.Predict),
        ("text -> is_spam: bool", dspy.Predict),
        ("größe, 文章 -> 要約", dspy.Predict),
        ("notes -> summary", dspy.ChainOfThought),
        ("q -> score: float, items: list[int], raw: dict[str, int], kind: Literal['a']", dspy.Predict),
        (Event, dspy.Predict),
        (dspy.Signature("text -> label", "Say \"{x}\" or 'y' — ünd 字\n\n- twice"), dspy.Predict),
        (dspy.Signature("text -> label: Literal['a, b', 'c\"d', 'e.']", "Choose"), dspy.Predict),
    ],
)
def test_any_signature_gives_readable_texts(signature: Any, module: Any) -> None:
    found, _, _ = variants(signature, [], module=module)
    assert len({proposal.text for proposal in found}) == 20
    for proposal in found:
        if "ünd" not in proposal.text:
            check_english(proposal.text)


def test_an_extraction_is_told_to_copy() -> None:
    data = [dspy.Example(message=f"my bike {i} is gone", bike=i).with_inputs("message") for i in range(100, 110)]
    found, _, _ = variants("message -> bike: int", data)
    together = "\n".join(proposal.text for proposal in found)
    assert "Copy the bike word for word from the message." in together
    assert "Extract the bike from the message." in together
    assert "as a whole number, in digits" in together


def test_a_long_instruction_is_kept_while_there_is_room() -> None:
    instruction = "Do it well. " * 300
    found, _, _ = variants(dspy.Signature("text -> answer", instruction), [])
    assert any(instruction.strip() in proposal.text for proposal in found)
    short, _, _ = variants(dspy.Signature("text -> answer", instruction), [], most=1000)
    assert len(short) == 20
    assert all(len(proposal.text) <= 1000 for proposal in short)


def test_forty_labels_and_far_too_many() -> None:
    labels = [f"kind_{i}" for i in range(40)]
    data = [dspy.Example(text=f"word{i % 40} x", label=labels[i % 40]).with_inputs("text") for i in range(160)]
    found, analysis, signature = variants("text -> label", data)
    context = feature_context(analysis, "self", signature)
    assert any(extract_features(proposal.text, context)["lists_labels"] == 1 for proposal in found)
    many = dspy.Signature("text -> label").with_updated_fields(
        "label", type_=Literal[tuple(f"k{i}" * 20 for i in range(150))]
    )
    assert all(len(proposal.text) < 1500 for proposal in variants(many, [])[0])


def test_the_leader_is_extended_by_what_helps() -> None:
    _, analysis, signature = variants(SortMessage, sorting_data())
    failures = digest(cluster("wrong label", "topic", ("praise", "money")))
    facts = template_facts(analysis, "self", signature, failures)
    found = revise_leader(
        facts, "Sort it.", {"persona": -0.05, "names_format": 0.08},
        count=4, most_characters=10_000,
    )  # fmt: skip
    assert len(found) == 4
    assert all("Sort it." in proposal.text for proposal in found)
    assert found[0].text.startswith('Sort it. Do not answer "money" where "praise" is right.')
    assert "spelled exactly" in found[1].text
    assert all("spelled exactly" in proposal.text or "Do not answer" in proposal.text for proposal in found[:2])
    again = revise_leader(facts, found[0].text, {"persona": -0.05}, count=50, most_characters=10_000)
    assert not any("You are" in proposal.text for proposal in again)
    assert all(proposal.text.count("Do not answer") == 1 for proposal in again)
    assert len({proposal.text for proposal in again}) == len(again)


NAMES = st.from_regex(r"[a-z][a-z_]{0,12}[a-z]", fullmatch=True)
LABELS = st.lists(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12), min_size=1, max_size=40, unique=True
)


@settings(max_examples=40, deadline=None)
@given(labels=LABELS, given=NAMES, wanted=NAMES, instruction=st.text(max_size=60))
def test_any_labels(labels: list[str], given: str, wanted: str, instruction: str) -> None:
    fields = {f"{given}_in": (str, dspy.InputField()), f"{wanted}_out": (Literal[tuple(labels)], dspy.OutputField())}
    found, _, _ = variants(dspy.Signature(fields, instruction or "Choose."), [])
    assert len(found) == 20
    assert len({proposal.text for proposal in found}) == 20
    listing = [proposal.text for proposal in found if "The possible label" in proposal.text]
    assert listing
    assert all(label in text for text in listing for label in labels)
