"""The proposer with a prompt model that behaves, and with ones that do not."""

import json
import re
from collections.abc import Callable
from typing import Any, Literal

import dspy
import pytest
from dspy.utils import DummyLM

from tunesmith.optim.errors import RunStopped
from tunesmith.optim.proposer.analysis import Analysis
from tunesmith.optim.proposer.data_patterns import find_patterns
from tunesmith.optim.proposer.error_digest import ErrorCluster, ErrorDigest, ErrorExample
from tunesmith.optim.proposer.instruction_writer import (
    PROPOSING_CALLS,
    REFLECTING_CALLS,
    InstructionWriter,
    WritingSettings,
)
from tunesmith.optim.proposer.program_outline import outline_program
from tunesmith.optim.proposer.proposal import ScoredInstruction
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import Budget, StoreError
from tunesmith.protocol.store import RunStore

WORDS = re.findall(
    r"\w+",
    """river stone cloud lantern violin harbour meadow copper thunder orchard velvet compass glacier saddle ember falcon
    marble willow anchor beacon cactus dolphin engine forest guitar hammer island jacket kettle ladder mirror needle
    oyster pepper quartz ribbon silver tunnel umbrella valley window yellow zipper basket candle desert""",
)


class Sort(dspy.Signature):
    """Decide what a message is about."""

    message: str = dspy.InputField()
    topic: Literal["broken", "money"] = dspy.OutputField()


class Desk(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.sort = dspy.Predict(Sort)
        self.reply = dspy.ChainOfThought("message, topic -> reply")

    def forward(self, message: str) -> Any:
        return self.reply(message=message, topic=self.sort(message=message).topic)


EXAMPLES = [
    dspy.Example(
        message=f"The {WORDS[i]} of my {WORDS[i + 1]} bike number {i} has a problem since {WORDS[i + 2]} day",
        topic="broken" if i % 2 else "money",
    ).with_inputs("message")
    for i in range(12)
]
FAILURE = ErrorExample(
    index=1, inputs={"message": "x"}, expected={"topic": "broken"}, got={"topic": "money"}, score=0.0, feedback="No."
)
ERRORS = ErrorDigest(
    judged=12,
    failed=4,
    partly=0,
    missing=0,
    clusters=[
        ErrorCluster(
            kind="wrong label", what="topic: broken was taken for money", count=4, share=1 / 3, partly=0,
            field="topic", pair=("broken", "money"), examples=[FAILURE],
        )
    ],
)  # fmt: skip


class Writer:
    """Answers prompts by a function; keeps what it was asked, and with which settings."""

    model = "writer"

    def __init__(self, answer: Callable[[str, int], Any]) -> None:
        self.answer = answer
        self.prompts: list[str] = []
        self.settings: list[dict[str, Any]] = []

    def __call__(self, prompt: str, **settings: Any) -> list[Any]:
        self.prompts.append(prompt)
        self.settings.append(settings)
        return [self.answer(self.prompts[-1], len(self.prompts))]


def ordinary(prompt: str, number: int) -> str:
    """Summaries where asked for, else fresh instructions in tags."""
    if "<instruction>" not in prompt:
        return "It is about bikes."
    texts = [f"Look for the {WORDS[(7 * number + 3 * i) % 46]}, {number}.{i}, then name the topic." for i in range(6)]
    return "\n".join(f"<instruction>{text}</instruction>" for text in texts)


def writer(lm: Any, *, warned: list[str] | None = None, program: Any = None, **given: Any) -> InstructionWriter:
    program = program or Desk()
    signatures = {name: predictor.signature for name, predictor in program.named_predictors()}
    turns = [("sort", {"message": "x"}, {"topic": "money"}), ("reply.predict", {"message": "x", "topic": "money"}, {})]
    analysis = Analysis(
        data=find_patterns(EXAMPLES),
        program=outline_program(program, [turns]),
        errors=ERRORS,
        traces={"sort": [({"message": "all is well"}, {"topic": "money"})]},
    )
    settings = WritingSettings(**{"seed": 0, **given})
    warn = (warned if warned is not None else []).append
    return InstructionWriter(lm, analysis, signatures, EXAMPLES, settings, warn=warn)


def test_twenty_variants_from_every_view_in_few_calls() -> None:
    lm = Writer(ordinary)
    found = writer(lm).propose("sort")
    assert len(found) == len({one.text for one in found}) == 20
    assert {one.view for one in found[:5]} == {"data", "errors", "traces", "style", "role"}
    assert Sort.instructions not in {one.text for one in found}
    assert len(lm.prompts) == 2 + 5
    assert all(one.predictor == "sort" and one.why for one in found)


def test_shared_descriptions_are_asked_for_once() -> None:
    lm = Writer(ordinary)
    writing = writer(lm)
    for name in ("sort", "reply.predict", "sort"):
        writing.propose(name)
    summaries = [prompt for prompt in lm.prompts if "<instruction>" not in prompt]
    assert len(summaries) == 2
    assert sum("It is about bikes." in prompt for prompt in lm.prompts) == len(lm.prompts) - 2 - _without_data(lm)
    assert writing.calls == len(lm.prompts)


def _without_data(lm: Writer) -> int:
    """The views that show neither summary."""
    return sum("Turns of the module" in prompt or "What goes wrong" in prompt for prompt in lm.prompts)


def test_no_request_is_made_twice() -> None:
    lm = Writer(lambda prompt, number: "" if "<instruction>" in prompt and number % 2 else ordinary(prompt, number))
    writing = writer(lm)
    writing.propose("sort")
    writing.propose("reply.predict")
    writing.reflect("sort", [], ERRORS, wanted=3, number=1)
    writing.reflect("sort", [], ERRORS, wanted=3, number=2)
    ids = [settings["rollout_id"] for settings in lm.settings]
    assert len(set(ids)) == len(ids)
    again = Writer(ordinary)
    writer(again).propose("sort")
    assert [settings["rollout_id"] for settings in again.settings][:3] == ids[:3]
    other = Writer(ordinary)
    writer(other, seed=1).propose("sort")
    assert not {settings["rollout_id"] for settings in other.settings} & set(ids)


def test_each_prompt_shows_its_view() -> None:
    lm = Writer(ordinary)
    writer(lm).propose("sort")
    together = "\n=====\n".join(lm.prompts)
    for expected in (
        "Decide what a message is about.",
        "- topic (Literal['broken', 'money']). Labels: broken, money",
        "4 × topic: broken was taken for money (33 %)",
        "got topic: money",
        "the metric says: No.",
        "message: all is well",
        "classes in topic (2)",
        "reply.predict (ChainOfThought): message, topic → reasoning, reply",
        "Instruction 1: ",
    ):
        assert expected in together, expected


@pytest.mark.parametrize(
    ("views", "seen"),
    [
        (frozenset({"style"}), {"style", "template"}),
        (frozenset({"data", "role"}), {"data", "role"}),
        (frozenset(), {"template"}),
    ],
)
def test_views_that_are_not_wanted_are_not_asked(views: frozenset[str], seen: set[str]) -> None:
    lm = Writer(lambda prompt, number: ordinary(prompt, number))
    found = writer(lm, views=views, count=12).propose("sort")
    assert {one.view for one in found} <= seen
    assert len(found) == 12


@pytest.mark.parametrize("count", [1, 2, 5, 20, 30])
def test_as_many_as_wanted(count: int) -> None:
    for lm in (None, Writer(ordinary)):
        assert len(writer(lm, count=count).propose("sort")) == count
    few = Writer(ordinary)
    writer(few, count=2).propose("sort")
    assert len(few.prompts) <= 3


def raising(error: BaseException) -> Callable[[str, int], Any]:
    def answer(_: str, __: int) -> Any:
        raise error

    return answer


IN_ITS_PLACE = "instructions are composed from templates in its place."
USELESS: dict[str, Callable[[str, int], Any]] = {
    "nothing": lambda _, __: "",
    "null": lambda _, __: {"text": None},
    "json garbage": lambda _, __: json.dumps({"error": {"code": 1, "detail": [None, 2, {}]}}),
    "broken json": lambda _, __: '[{"instruction": ',
    "echo": lambda prompt, _: prompt,
    "the rules": lambda prompt, _: f"<instruction>{prompt[prompt.find('Rules for every') :][:600]}</instruction>",
    "the task": lambda prompt, _: "\n".join(f"{i}. {part}" for i, part in enumerate(prompt.split("\n\n")[:2], 1)),
    "loop": lambda _, __: "the the message " * 300,
    "refusal": lambda _, __: "<instruction>I'm sorry, I cannot help with that.</instruction>",
    "other script": lambda _, __: "<instruction>Решите, о чём это сообщение, одним словом.</instruction>",
    "examples": lambda _, __: "".join(f"<instruction>Like: {e.message}</instruction>" for e in EXAMPLES),
    "the current one": lambda _, __: f"<instruction>{Sort.instructions}</instruction>",
}


@pytest.mark.parametrize("answer", USELESS.values(), ids=USELESS.keys())
def test_nonsense_is_replaced_by_templates(answer: Callable[[str, int], Any]) -> None:
    lm = Writer(answer)
    warned: list[str] = []
    writing = writer(lm, warned=warned)
    found = writing.propose("sort")
    assert len(found) == 20
    assert {one.view for one in found} == {"template"}
    assert len(lm.prompts) <= 2 + PROPOSING_CALLS
    before = len(lm.prompts)
    assert len(writing.propose("reply.predict")) == 20
    assert len(writing.reflect("sort", [], ERRORS, wanted=3, number=1)) == 3
    if answer is not USELESS["the current one"]:
        assert warned == [f"The prompt model writer gave no usable instructions: {IN_ITS_PLACE}"]
        assert len(lm.prompts) == before


def test_an_outage_is_retried_told_once_and_filled_in() -> None:
    lm = Writer(raising(ConnectionError("refused\nby peer")))
    warned: list[str] = []
    writing = writer(lm, warned=warned)
    assert {one.view for one in writing.propose("sort")} == {"template"}
    assert len(lm.prompts) == 2
    assert warned == [f"The prompt model writer could not be reached (ConnectionError: refused): {IN_ITS_PLACE}"]
    assert len(writing.propose("reply.predict")) == 20
    assert len(warned) == 1


def test_a_passing_outage_costs_nothing() -> None:
    def answer(prompt: str, number: int) -> str:
        if number % 3 == 1:
            raise TimeoutError
        return ordinary(prompt, number)

    warned: list[str] = []
    found = writer(Writer(answer), warned=warned).propose("sort")
    assert {one.view for one in found} == {"data", "errors", "traces", "style", "role"}
    assert warned == []


def test_after_an_outage_the_model_is_asked_again_for_the_next_predictor() -> None:
    down = [True]

    def answer(prompt: str, number: int) -> str:
        if down[0]:
            raise TimeoutError
        return ordinary(prompt, number)

    writing = writer(Writer(answer))
    assert {one.view for one in writing.propose("sort")} == {"template"}
    down[0] = False
    assert "template" not in {one.view for one in writing.propose("reply.predict")}


@pytest.mark.parametrize("stop", [RunStopped("budget"), StoreError("disk full"), KeyboardInterrupt()])
def test_what_is_no_outage_passes(stop: BaseException) -> None:
    with pytest.raises(type(stop)):
        writer(Writer(raising(stop))).propose("sort")
    with pytest.raises(type(stop)):
        writer(Writer(raising(stop))).reflect("sort", [], ERRORS, wanted=3, number=1)


def test_some_good_variants_are_kept_and_templates_fill_the_rest() -> None:
    good = "<instruction>Name the part that fails, or the sum that is owed, then say the topic.</instruction>"
    lm = Writer(lambda prompt, number: good if "<instruction>" in prompt else "Bikes.")
    found = writer(lm).propose("sort")
    assert [one.view for one in found[:1]] == ["data"]
    assert {one.view for one in found[1:]} == {"template"}
    assert len(found) == 20
    assert len(lm.prompts) <= 2 + PROPOSING_CALLS


def test_texts_with_quotes_and_braces_survive() -> None:
    text = "Say \"broken\" {or} 'money' — ünd nichts sonst; 字.\n\n- first\n- second"
    lm = Writer(lambda prompt, _: f"<instruction>{text}</instruction>" if "<instruction>" in prompt else "x")
    assert writer(lm).propose("sort")[0].text == text


def test_a_long_current_instruction_with_anything_in_it() -> None:
    signature = Sort.with_instructions('Say {x} "y" \\ 字. ' * 700)
    lm = Writer(ordinary)
    found = writer(lm, program=dspy.Predict(signature)).propose("self")
    assert len(found) == 20
    assert all(len(prompt) < 12_000 for prompt in lm.prompts)
    for prompt in lm.prompts:
        prompt.encode("utf-8")


def test_room_is_made_for_the_answer() -> None:
    lm = Writer(ordinary)
    lm.kwargs = {"max_tokens": 32, "temperature": 0.0}  # type: ignore[attr-defined]
    writer(lm).propose("sort")
    assert {settings["max_tokens"] for settings in lm.settings} == {2000}
    assert {settings["temperature"] for settings in lm.settings} == {1.0}
    greedy = Writer(ordinary)
    writer(greedy, temperature=0.0).propose("sort")
    assert all("rollout_id" not in settings for settings in greedy.settings)


def test_a_model_of_the_users_own_may_take_a_text_alone() -> None:
    class Plain:
        def __call__(self, prompt: str) -> list[str]:
            return [ordinary(prompt, len(prompt))]

    warned: list[str] = []
    assert "template" not in {one.view for one in writer(Plain(), warned=warned).propose("sort")[:3]}
    assert warned == []


def look_up(word: str) -> str:
    """Find a word."""
    return word


def test_what_dspys_module_wrote_is_added_to() -> None:
    acting = dspy.ReAct("message -> topic", tools=[look_up])
    own = acting.react.signature.instructions
    for lm in (Writer(ordinary), None):
        writing = writer(lm, program=acting)
        found = writing.propose("react")
        assert len(found) == 20
        found += writing.reflect("react", [], ERRORS, wanted=3, number=1)
        assert all(own.strip() in one.text and len(one.text) > len(own) + 10 for one in found)
        if isinstance(lm, Writer):
            assert all("The current instruction stays" in p for p in lm.prompts if "<instruction>" in p)


SCORED = [
    ScoredInstruction(text="Sort the message into one of the two drawers.", effect=0.08, low=0.01, high=0.15),
    ScoredInstruction(text="You are a poet. What is it about?", effect=-0.06, low=-0.2, high=0.01),
]


def test_reflection_shows_scores_failures_and_what_helped() -> None:
    lm = Writer(ordinary)
    effects = {"names_format": 0.05, "persona": -0.04, "politeness": 0.0001}
    found = writer(lm).reflect("sort", SCORED, ERRORS, wanted=3, number=1, feature_effects=effects)
    assert [one.view for one in found] == ["reflection"] * 3
    prompt = lm.prompts[-1]
    assert prompt.index("Effect on the score: +8.0 points") < prompt.index("Effect on the score: -6.0 points")
    assert "It helped where an instruction names the output format." in prompt
    assert "It hurt where an instruction gives the model a role." in prompt
    assert "polite" not in prompt
    assert "4 × topic: broken was taken for money" in prompt


def test_reflection_repeats_nothing_that_was_tried() -> None:
    text = SCORED[0].text
    lm = Writer(lambda prompt, _: f"<instruction>{text}</instruction>" if "<instruction>" in prompt else "x")
    warned: list[str] = []
    writing = writer(lm, warned=warned)
    found = writing.reflect("sort", SCORED, ERRORS, wanted=3, number=1)
    assert {one.view for one in found} == {"template"}
    assert all(text in one.text for one in found)
    assert len(lm.prompts) <= 2 + REFLECTING_CALLS
    again = writing.reflect("sort", SCORED, ERRORS, wanted=3, number=2)
    assert not {one.text for one in again} & {one.text for one in found}


def test_through_a_run_calls_are_kept_capped_and_repeated_from_the_store() -> None:
    store = RunStore.memory()
    lm = _FollowingLM()
    first = writer(Run(store).wrap(lm)).propose("sort")
    asked = len(lm.asked)
    assert asked == store.totals().calls == 7
    assert writer(Run(store).wrap(lm)).propose("sort") == first
    assert len(lm.asked) == asked
    with pytest.raises(RunStopped):
        writer(Run(RunStore.memory(), budget=Budget(max_calls=3)).wrap(lm)).propose("sort")


class _FollowingLM(DummyLM):
    def __init__(self) -> None:
        super().__init__([], follow_examples=True)
        self.asked: list[str] = []

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        self.asked.append(messages[-1]["content"])
        return ordinary(self.asked[-1], len(self.asked))
