"""Which format an adapter writes, and that nothing outside this room knows one by name."""

import re
from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy.adapters.baml_adapter import BAMLAdapter

import tunesmith.optim.adapters
from tunesmith.optim.adapters import (
    ConstrainedAdapter,
    Message,
    adapter_in_force,
    format_of,
    plain_messages,
    read_task,
    readable_answer,
    remembering,
    render_prompt,
)
from tunesmith.optim.adapters.formats import FORMATS, PLAIN

SIGNATURE = dspy.Signature("question, context: list[str] -> label: bool, note")
INPUTS = {"question": "Is it?", "context": ["a", "b"]}
OUTPUTS = {"label": True, "note": "two\nlines"}
SOURCES = Path(tunesmith.optim.adapters.__file__ or "").parents[4]
NAMED = re.compile(r"ChatAdapter|XMLAdapter")


class OwnChat(dspy.ChatAdapter):
    """What a user derives."""


class Unrelated:
    """What a user puts in an adapter's place."""


@pytest.mark.parametrize(
    "adapter", [dspy.ChatAdapter(), ConstrainedAdapter(), OwnChat(), remembering(dspy.ChatAdapter())]
)
def test_what_writes_as_chat_does_has_its_format(adapter: Any) -> None:
    assert format_of(adapter) is FORMATS["ChatAdapter"]


@pytest.mark.parametrize(
    "adapter", [dspy.JSONAdapter(), dspy.XMLAdapter(), BAMLAdapter(), dspy.TwoStepAdapter(dspy.LM("a/b")), Unrelated()]
)
def test_other_adapters_are_plain_though_they_derive_from_it(adapter: Any) -> None:
    assert format_of(adapter) is PLAIN
    assert PLAIN.constrain({"label": bool}) is None


def test_a_prompt_is_taken_apart_by_the_format_that_wrote_it() -> None:
    messages = plain_messages(render_prompt(dspy.ChatAdapter(), SIGNATURE, [{**INPUTS, **OUTPUTS}], INPUTS))
    assert messages is not None
    task = read_task(messages)
    assert task is not None
    assert list(task.outputs) == ["label", "note"]
    assert [task.turn_fields(message) for message in messages[1:]] == [
        {"question": "Is it?", "context": '["a", "b"]'},
        {"label": "True", "note": "two\nlines"},
        {"question": "Is it?", "context": '["a", "b"]'},
    ]
    assert task.answer_fields(task.answer_text({"label": "True", "note": "x"})) == {"label": "True", "note": "x"}


@pytest.mark.parametrize("adapter", [dspy.JSONAdapter(), dspy.XMLAdapter()])
def test_a_prompt_in_a_format_that_is_not_known_is_left_whole(adapter: Any) -> None:
    assert read_task([Message(**message) for message in render_prompt(adapter, SIGNATURE, [], INPUTS)]) is None


@pytest.mark.parametrize("adapter", [dspy.ChatAdapter(), dspy.JSONAdapter(), dspy.XMLAdapter()])
def test_an_answer_is_readable_where_its_adapter_reads_the_same(adapter: Any) -> None:
    assert readable_answer(adapter, SIGNATURE, OUTPUTS) is not None
    assert readable_answer(adapter, SIGNATURE, {**OUTPUTS, "label": "perhaps"}) is None


def test_the_adapter_in_force_is_that_of_the_settings_else_dspys_default() -> None:
    chosen = dspy.JSONAdapter()
    with dspy.context(adapter=chosen):
        assert adapter_in_force() is chosen
    with dspy.context(adapter=None):
        assert type(adapter_in_force()) is dspy.ChatAdapter


def test_no_file_outside_this_room_and_the_table_of_versions_names_a_format() -> None:
    files = [
        file
        for package, ending in (("protocol", "py*"), ("server", "py*"), ("optim", "py*"), ("extension/src", "ts"))
        for file in (SOURCES / package).rglob(f"*.{ending}")
        if file.suffix in (".py", ".pyi", ".ts")
    ]
    assert len(files) > 300
    naming = {file for file in files if NAMED.search(file.read_text(encoding="utf-8"))}
    allowed = SOURCES / "optim/tunesmith/optim/adapters"
    assert [file for file in naming if allowed not in file.parents and file.name != "dspy_versions.py"] == []
