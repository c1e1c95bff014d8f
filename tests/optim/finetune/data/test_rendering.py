"""Rows hold the student's prompts as its model will be sent them, to the letter."""

import json
from collections.abc import Callable
from typing import Any, Literal

import dspy
import pydantic
import pytest
from dspy.adapters.xml_adapter import XMLAdapter

from support.lms.scripted_lm import ScriptedLM
from tunesmith.optim.finetune.data.collect import PassingTrace, collect_traces
from tunesmith.optim.finetune.data.rendering import Rendered, render_rows
from tunesmith.optim.finetune.data.teachers import Curriculum
from tunesmith.optim.rollouts import Run
from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.optim.rollouts.judge import Judge
from tunesmith.protocol.store import RunStore


class RecordingLM(ScriptedLM):
    """Keeps whole requests."""

    def __init__(self, answer: Callable[[str], dict[str, Any]], adapter: Any) -> None:
        super().__init__(answer)
        self.adapter = adapter
        self.requests: list[list[dict[str, Any]]] = []

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        self.requests.append(messages)
        return super()._use_example(messages)


class Person(pydantic.BaseModel):
    name: str
    born: int | None = None


class Typed(dspy.Signature):
    """Sort it."""

    text: str = dspy.InputField(desc="what came in")
    tags: list[str] = dspy.InputField()
    author: Person = dspy.InputField()
    hint: str | None = dspy.InputField()
    mode: str = dspy.InputField(default="fast")
    queue: Literal["red", "blue"] = dspy.OutputField()
    count: int = dspy.OutputField()
    parts: list[str] = dspy.OutputField()
    writer: Person = dspy.OutputField()
    note: str = dspy.OutputField()


class Pipeline(dspy.Module):
    """Two predictors, one of them twice."""

    def __init__(self) -> None:
        super().__init__()
        self.think = dspy.ChainOfThought("question -> query: str")
        self.answer = dspy.Predict("question, facts: list[str] -> answer")

    def forward(self, question: str) -> Any:
        facts = []
        for hop in range(2):
            facts.append(self.think(question=f"{question} {hop}").query)
        return self.answer(question=question, facts=facts)


def look_up(word: str) -> str:
    """Looks a word up."""
    return f"{word} is a word"


def use_tools(asked: str) -> dict[str, Any]:
    if "next_tool_name" not in asked:
        return {"reasoning": "seen", "answer": "a word"}
    done = "observation_0" in asked
    return {
        "next_thought": "look",
        "next_tool_name": "finish" if done else "look_up",
        "next_tool_args": {} if done else {"word": "tune"},
    }


def with_demos() -> Any:
    program = dspy.ChainOfThought("question -> answer")
    program.predict.signature = program.predict.signature.with_instructions("Answer\nin two lines, {braces} kept.")
    program.predict.demos = [
        dspy.Example(augmented=True, question="d1", reasoning="because", answer="D1"),
        dspy.Example(question="d2", answer="D2"),
    ]
    return program


def said(**fields: Any) -> Callable[[str], dict[str, Any]]:
    return lambda _: fields


def questions() -> list[dspy.Example]:
    return [dspy.Example(question=text, answer="").with_inputs("question") for text in ("what is ÿ?", "two\n\nlines")]


def typed_answer(_: str) -> dict[str, Any]:
    return {"queue": "blue", "count": 3, "parts": ["a", "«b»\nc"], "writer": {"name": "Ada"}, "note": "- x\n\n- y"}


PROGRAMS: dict[str, tuple[Any, Callable[[str], dict[str, Any]], list[dspy.Example]]] = {
    "predict": (dspy.Predict("question -> answer"), said(answer="fine"), questions()),
    "typed": (
        dspy.Predict(Typed),
        lambda asked: {k: v if isinstance(v, str) else json.dumps(v) for k, v in typed_answer(asked).items()},
        [
            dspy.Example(text="t", tags=["x", "y\nz"], author=Person(name="Bo", born=1)).with_inputs(
                "text", "tags", "author"
            )
        ],
    ),
    "chain of thought": (dspy.ChainOfThought("question -> answer"), said(reasoning="so", answer="fine"), questions()),
    "demos": (with_demos(), said(reasoning="so", answer="fine"), questions()),
    "pipeline": (
        Pipeline(),
        lambda asked: {"reasoning": "so", "query": f"{len(asked)} letters", "answer": "fine"},
        questions(),
    ),
    "react": (dspy.ReAct("question -> answer", tools=[look_up]), use_tools, questions()),
    "history": (
        dspy.Predict(dspy.Signature("question, history: dspy.History -> answer")),
        said(answer="fine"),
        [
            dspy.Example(
                question="and then?", history=dspy.History(messages=[{"question": "first?", "answer": "yes"}])
            ).with_inputs("question", "history")
        ],
    ),
}


def collected(program: Any, lm: Any, adapter: Any, examples: list[dspy.Example]) -> list[PassingTrace]:
    run = Run(RunStore.memory(), threads=2)
    teachers = [(program, {"lm": lm, "adapter": adapter})]
    return collect_traces(run, Curriculum(teachers=teachers), examples, Judge(None), errors=ErrorTally(None)).traces


def as_sent(rendered: Rendered) -> list[list[dict[str, str]]]:
    return [
        [{"role": message.role, "content": message.content} for message in turn.answer.messages]
        for turn in rendered.turns
    ]


@pytest.mark.parametrize("adapter", [dspy.ChatAdapter(), dspy.JSONAdapter(), XMLAdapter()], ids=["chat", "json", "xml"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_prompts_are_what_the_students_model_is_sent(name: str, adapter: Any) -> None:
    program, answer, examples = PROGRAMS[name]
    traces = collected(program, RecordingLM(answer, adapter), adapter, examples)
    rendered = render_rows(program, traces, adapter)
    lm = RecordingLM(answer, adapter)
    with dspy.context(lm=lm, adapter=adapter):
        for example in examples:
            program(**example.inputs())
    assert rendered.refused == {}
    assert as_sent(rendered) == lm.requests
    assert len({turn.prompt for turn in rendered.turns}) == len(lm.requests)


@pytest.mark.parametrize("adapter", [dspy.ChatAdapter(), dspy.JSONAdapter(), XMLAdapter()], ids=["chat", "json", "xml"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_targets_are_read_back_as_what_the_teacher_said(name: str, adapter: Any) -> None:
    program, answer, examples = PROGRAMS[name]
    traces = collected(program, RecordingLM(answer, adapter), adapter, examples)
    signatures = {name: predictor.signature for name, predictor in program.named_predictors()}
    turns = [turn for trace in traces for turn in trace.turns]
    rendered = render_rows(program, traces, adapter).turns
    for (name, _, outputs), turn in zip(turns, rendered, strict=True):
        assert turn.answer.predictor == name
        assert adapter.parse(signatures[name], turn.answer.target) == outputs


def test_a_row_in_full() -> None:
    program = dspy.Predict("question -> answer")
    trace = PassingTrace(
        example=3,
        source="s",
        turns=[("self", {"question": "q"}, {"answer": "a"})],
        score=0.8,
        teacher=1,
        sample=2,
    )
    (turn,) = render_rows(program, [trace], None).turns
    row = turn.answer
    assert (row.example, row.source, row.score, row.teacher, row.sample) == (3, "s", 0.8, 1, 2)
    assert row.target == "[[ ## answer ## ]]\na\n\n[[ ## completed ## ]]"
    assert (turn.decision, turn.is_closed, turn.rationale) == ("a", False, None)


def test_a_teacher_prompted_otherwise_teaches_the_students_prompt() -> None:
    teacher, student = with_demos(), dspy.ChainOfThought("question -> answer")
    lm = RecordingLM(said(reasoning="so", answer="fine"), dspy.ChatAdapter())
    traces = collected(teacher, lm, None, questions())
    (row, *_) = [turn.answer for turn in render_rows(student, traces, None).turns]
    assert [message.role for message in row.messages] == ["system", "user"]
    assert "braces" not in row.messages[0].content
    assert "braces" in lm.requests[0][0]["content"]


@pytest.mark.parametrize(("exclude", "messages"), [(False, 6), (True, 2)])
def test_demos_are_the_students_unless_it_is_called_without(exclude: bool, messages: int) -> None:
    lm = RecordingLM(said(reasoning="so", answer="fine"), dspy.ChatAdapter())
    traces = collected(dspy.ChainOfThought("question -> answer"), lm, None, questions())
    rendered = render_rows(with_demos(), traces, None, exclude_demos=exclude)
    assert {len(turn.answer.messages) for turn in rendered.turns} == {messages}


def turns_of(*turns: tuple[str, dict[str, Any], dict[str, Any]]) -> list[PassingTrace]:
    return [PassingTrace(example=0, source="s", turns=list(turns), score=1.0, teacher=0, sample=0)]


def test_an_input_the_teacher_does_not_know_has_its_default() -> None:
    class Newer(dspy.Signature):
        question: str = dspy.InputField()
        mode: str = dspy.InputField(default="fast")
        answer: str = dspy.OutputField()

    (turn,) = render_rows(dspy.Predict(Newer), turns_of(("self", {"question": "q"}, {"answer": "a"})), None).turns
    assert "[[ ## mode ## ]]\nfast" in turn.answer.messages[-1].content


IMAGE = dspy.Image("https://example.org/a.png")


@pytest.mark.parametrize(
    ("signature", "turn", "reason"),
    [
        ("question -> answer", ("other", {"question": "q"}, {"answer": "a"}), "of a predictor the student lacks"),
        ("question -> answer", ("self", {}, {"answer": "a"}), "without a field of the student's signature"),
        (
            "question -> answer",
            ("self", {"question": "q"}, {"label": "a"}),
            "without a field of the student's signature",
        ),
        (
            "picture: dspy.Image -> answer",
            ("self", {"picture": IMAGE}, {"answer": "a"}),
            "with a prompt that is not plain text",
        ),
        (
            "question -> answer",
            ("self", {"question": "q"}, {"answer": "a\n[[ ## completed ## ]]\nb"}),
            "with an answer the adapter cannot read back",
        ),
        (
            "question -> count: int",
            ("self", {"question": "q"}, {"count": "many"}),
            "with an answer the adapter cannot read back",
        ),
        ("question -> answer", ("self", {"question": "shown"}, {"answer": "a"}), "shown among the student's demos"),
    ],
)
def test_turns_that_make_no_row_are_counted(signature: str, turn: Any, reason: str) -> None:
    student = dspy.Predict(signature)
    student.demos = [dspy.Example(question="shown", answer="A")]
    rendered = render_rows(student, turns_of(turn), None)
    assert (rendered.turns, rendered.refused) == ([], {reason: 1})


def test_parts_of_text_are_one_text() -> None:
    class Parts(dspy.ChatAdapter):
        def format(self, signature: Any, demos: Any, inputs: Any) -> Any:
            return [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]

    turn = ("self", {"question": "q"}, {"answer": "a"})
    (rendered,) = render_rows(dspy.Predict("question -> answer"), turns_of(turn), Parts()).turns
    assert [message.content for message in rendered.answer.messages] == ["ab"]
