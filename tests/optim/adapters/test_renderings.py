"""Prompts out of shared renderings are dspy's own, to the letter."""

import copy
import functools
from collections.abc import Callable
from typing import Any, Literal

import dspy
import pytest
from dspy.adapters.baml_adapter import BAMLAdapter

from support.lms.scripted_lm import ScriptedLM
from tunesmith.optim.adapters.constrained_adapter import ConstrainedAdapter
from tunesmith.optim.adapters.renderings import MOST_REMEMBERED, SharedRenderings, remembering
from tunesmith.optim.rollouts import Executor, Judge, Run, evaluate, place_examples
from tunesmith.protocol.store import RunStore


class Triage(dspy.Signature):
    """Sort a ticket."""

    ticket: str = dspy.InputField()
    notes: list[str] = dspy.InputField(desc="what was said")
    urgent: bool = dspy.OutputField()
    queue: Literal["red", "blue"] = dspy.OutputField()


def counted(adapter: Any) -> list[str]:
    """The adapter's renderers asked from now on, in order."""
    asked: list[str] = []
    for name in ("format_system_message", "format_demos"):
        setattr(adapter, name, counting(getattr(adapter, name), asked))
    return asked


def counting(render: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    @functools.wraps(render)
    def count(*args: Any) -> Any:
        asked.append(render.__name__)
        return render(*args)

    return count


def demos() -> list[Any]:
    return [
        dspy.Example(ticket="t1", notes=["a", "b"], urgent=True, queue="red"),
        {"ticket": "t2", "notes": ["c"], "urgent": 1, "queue": "blue"},
        dspy.Example(ticket="t3", notes=[], queue="blue", augmented=True),
        dspy.Example(ticket="t4", notes=[dspy.Image("https://example.org/a.png")], urgent=False, queue="red"),
    ]


INPUTS = {"ticket": "now", "notes": ["x"]}


class Shouting(dspy.ChatAdapter):
    def format_task_description(self, signature: Any) -> str:
        return str(signature.instructions.upper())


class Lenient(dspy.ChatAdapter):
    def parse(self, signature: Any, completion: str) -> Any:
        return {"queue": completion}


@pytest.mark.parametrize(
    "adapter",
    [dspy.ChatAdapter(), dspy.JSONAdapter(), dspy.XMLAdapter(), BAMLAdapter(), ConstrainedAdapter(), Lenient()],
    ids=lambda adapter: type(adapter).__name__,
)
def test_messages_equal_those_of_the_adapter_itself(adapter: Any) -> None:
    shared = remembering(adapter)
    assert shared is not adapter
    assert type(shared) is type(adapter)
    for given in (demos(), demos(), demos()[:1], []):
        expected = adapter.format(Triage, given, INPUTS)
        assert shared.format(Triage, given, INPUTS) == expected


def test_an_adapter_that_renders_by_methods_of_its_own_stays_as_it_is() -> None:
    changed = dspy.ChatAdapter()
    changed.format_task_description = lambda signature: signature.instructions.upper()
    for adapter in (Shouting(), changed):
        assert remembering(adapter) is adapter


def test_what_is_the_same_is_rendered_once() -> None:
    adapter = dspy.ChatAdapter()
    asked = counted(adapter)
    shared = remembering(adapter)
    for _ in range(3):
        shared.format(Triage, demos()[:3], INPUTS)
    assert asked == ["format_system_message", "format_demos"]


def replace_demo(signature: Any, given: list[Any]) -> Any:
    given[0] = dspy.Example(ticket="t1", notes=["a", "b"], urgent=False, queue="red")
    return signature


def change_demo_in_place(signature: Any, given: list[Any]) -> Any:
    given[0]["notes"].append("c")
    return signature


def make_true_one(signature: Any, given: list[Any]) -> Any:
    given[0]["urgent"] = 1
    return signature


def change_instructions_in_place(signature: Any, given: list[Any]) -> Any:
    signature.instructions = "Sort it well."
    return signature


def describe_field_in_place(signature: Any, given: list[Any]) -> Any:
    signature.model_fields["ticket"].json_schema_extra["desc"] = "what came in"
    return signature


def take_another_signature(signature: Any, given: list[Any]) -> Any:
    return signature.with_instructions("Sort it otherwise.")


@pytest.mark.parametrize(
    "change",
    [
        replace_demo,
        change_demo_in_place,
        make_true_one,
        change_instructions_in_place,
        describe_field_in_place,
        take_another_signature,
    ],
)
def test_what_changed_is_rendered_again(change: Callable[[Any, list[Any]], Any]) -> None:
    adapter = dspy.ChatAdapter()
    shared = remembering(adapter)
    signature, given = Triage.with_instructions("Sort."), demos()[:3]
    before = shared.format(signature, given, INPUTS)
    signature = change(signature, given)
    after = shared.format(signature, given, INPUTS)
    assert after != before
    assert after == adapter.format(signature, given, INPUTS)


def test_messages_handed_out_may_be_changed() -> None:
    shared = remembering(dspy.ChatAdapter())
    shared.format_demos(Triage, demos()[:1])[0]["content"] = "mine now"
    assert shared.format_demos(Triage, demos()[:1])[0]["content"] != "mine now"


def test_new_signatures_do_not_pile_up() -> None:
    adapter = dspy.ChatAdapter()
    asked = counted(adapter)
    shared = remembering(adapter)
    shared.format(Triage, [], INPUTS)
    for number in range(MOST_REMEMBERED):
        shared.format(Triage.with_instructions(str(number)), [], INPUTS)
    asked.clear()
    shared.format(Triage, [], INPUTS)
    assert asked == ["format_system_message", "format_demos"]


def test_the_adapter_in_use_follows_dspy_s_settings() -> None:
    renderings = SharedRenderings()
    for given, kind in ((None, dspy.ChatAdapter), (dspy.JSONAdapter(), dspy.JSONAdapter), (Shouting(), Shouting)):
        with dspy.context(adapter=given), renderings.in_use():
            assert type(dspy.settings.adapter) is kind
    assert copy.deepcopy(renderings) is renderings


def test_an_evaluation_renders_once_what_dspy_renders_for_every_example() -> None:
    program = dspy.ChainOfThought("question -> answer")
    program.predict.demos = [dspy.Example(question="q", reasoning="r", answer="a")]
    examples = [dspy.Example(question=f"q{i}").with_inputs("question") for i in range(3)]
    adapter, lm = dspy.ChatAdapter(), ScriptedLM(lambda _: {"answer": "a", "reasoning": "r"})
    with dspy.context(lm=lm, adapter=adapter), RunStore.memory() as store:
        for example in examples:
            program(**example.inputs())
        expected = [entry["messages"] for entry in lm.history]
        asked = counted(adapter)
        rollouts = evaluate(
            Executor(Run(store, threads=1)),
            program,
            place_examples(examples),
            Judge(None),
            candidate="c",
            phase="scoring",
        )
        calls = [store.call(key) for rollout in rollouts for step in rollout.steps for key in step.calls]
    assert [call.request["messages"] for call in calls if call is not None] == expected
    assert asked == ["format_system_message", "format_demos"]
