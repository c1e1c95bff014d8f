"""Rollouts of programs of every kind: judged, recorded, kept apart, reused."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import dspy
import pydantic
import pytest
from dspy.utils.exceptions import LMAuthError

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim.errors import InputsNotMarked, NotAnExample
from tunesmith.optim.rollouts import Executor, Judge, Run, evaluate, place_examples
from tunesmith.protocol import Budget, Progressed, Rollout
from tunesmith.protocol.store import RunStore


def examples(n: int = 4) -> list[dspy.Example]:
    return [dspy.Example(question=f"q{i}", answer=f"Q{i}").with_inputs("question") for i in range(n)]


def same_answer(example: Any, prediction: Any, trace: Any = None) -> bool:
    assert trace is None  # evaluating, not bootstrapping
    return bool(example.answer == prediction.answer)


def shouting() -> ScriptedLM:
    return ScriptedLM(lambda asked: {"answer": field("question", asked).upper(), "reasoning": "it was loud"})


def score(
    program: Any, lm: Any, *, store: RunStore | None = None, n: int = 4, metric: Any = same_answer, **run: Any
) -> list[Rollout]:
    with dspy.context(lm=lm):
        return scored(Run(store or RunStore.memory(), **run), program, examples(n), metric)


def scored(run: Run, program: Any, data: list[Any], metric: Any, phase: str = "scoring") -> list[Rollout]:
    return evaluate(
        Executor(run),
        program,
        place_examples(data),
        Judge(metric),
        candidate="c",
        phase=phase,
        raise_if_all_fail=True,
    )


class Sync(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.answer = dspy.ChainOfThought("question -> answer")

    def forward(self, question: str) -> Any:
        return self.answer(question=question)


class Async(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.answer = dspy.ChainOfThought("question -> answer")

    async def aforward(self, question: str) -> Any:
        first, _ = await asyncio.gather(self.answer.acall(question=question), self.answer.acall(question=question))
        return first


@pytest.mark.parametrize(
    "program", [Sync(), Async(), dspy.Predict("question -> answer")], ids=["sync", "async", "bare"]
)
@pytest.mark.parametrize("threads", [1, 4])
def test_every_kind_of_program_is_scored_in_order(program: Any, threads: int) -> None:
    rollouts = score(program, shouting(), threads=threads)
    assert [(rollout.index, rollout.status, rollout.score) for rollout in rollouts] == [
        (i, "scored", 1.0) for i in range(4)
    ]


async def test_an_async_program_is_scored_from_inside_a_running_loop() -> None:
    assert [rollout.score for rollout in score(Async(), shouting(), threads=1)] == [1.0] * 4


def test_steps_tell_what_a_predictor_read_thought_and_said() -> None:
    store = RunStore.memory()
    (rollout,) = score(Sync(), shouting(), store=store, n=1)
    (step,) = rollout.steps
    assert (step.kind, step.name) == ("predictor", "answer.predict")
    assert step.inputs == {"question": "q0"}
    assert step.outputs == {"reasoning": "it was loud", "answer": "Q0"}
    assert step.reasoning == "it was loud"
    (call,) = [store.call(key) for key in step.calls]
    assert call is not None
    assert call.rollout == rollout.key
    assert "q0" in call.request["messages"][-1]["content"]


def test_tools_and_retrievers_are_recorded_with_what_they_returned() -> None:
    class Search(dspy.Module):
        def forward(self, query: str) -> list[str]:
            return [f"about {query}"]

    class Agent(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.search = Search()
            self.react = dspy.ReAct("question -> answer", tools=[self.lookup], max_iters=3)

        def lookup(self, word: str) -> str:
            """Look a word up."""
            return f"{word} means something"

        def forward(self, question: str) -> Any:
            self.search(question)
            return self.react(question=question)

    def act(asked: str) -> dict[str, Any]:
        if "next_thought" in asked and "observation_0" not in asked:
            return {"next_thought": "look", "next_tool_name": "lookup", "next_tool_args": json.dumps({"word": "q0"})}
        if "next_thought" in asked:
            return {"next_thought": "done", "next_tool_name": "finish", "next_tool_args": "{}"}
        return {"reasoning": "it is known", "answer": "Q0"}

    (rollout,) = score(Agent(), ScriptedLM(act), n=1)
    assert rollout.score == 1.0
    assert [(step.kind, step.name) for step in rollout.steps] == [
        ("retriever", "Search"),
        ("predictor", "react.react"),
        ("tool", "lookup"),
        ("predictor", "react.react"),
        ("tool", "finish"),
        ("predictor", "react.extract.predict"),
    ]
    search, _, tool, *_ = rollout.steps
    assert search.inputs == {"argument 0": "q0"}
    assert search.outputs == {"result": ["about q0"]}
    assert tool.inputs == {"word": "q0"}
    assert tool.outputs == {"result": "q0 means something"}
    assert all(len(step.calls) == (step.kind == "predictor") for step in rollout.steps)


def test_a_predictor_made_on_the_way_is_recorded_by_its_class() -> None:
    class OnTheFly(dspy.Module):
        def forward(self, question: str) -> Any:
            return dspy.Predict("question -> answer")(question=question)

    (rollout,) = score(OnTheFly(), shouting(), n=1)
    assert [step.name for step in rollout.steps] == ["Predict"]


def test_values_that_are_no_json_are_recorded_readably() -> None:
    class Person(pydantic.BaseModel):
        name: str

    class Typed(dspy.Signature):
        question: str = dspy.InputField()
        answer: Person = dspy.OutputField()

    lm = ScriptedLM(lambda _asked: {"answer": json.dumps({"name": "Ada"})})
    (rollout,) = score(dspy.Predict(Typed), lm, n=1, metric=lambda e, p, t=None: p.answer.name == "Ada")
    assert rollout.score == 1.0
    assert rollout.prediction == {"answer": {"name": "Ada"}}
    assert not rollout.faithful


def test_a_rollout_has_its_own_copy_of_the_program_and_its_own_trace() -> None:
    class Careless(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []
            self.answer = dspy.Predict("question -> answer")
            self.lock = threading.Lock()  # refuses to be copied

        def forward(self, question: str) -> Any:
            assert self.seen == []
            assert dspy.settings.trace == []
            self.seen.append(question)
            self.answer.demos.append(dspy.Example(question="?", answer="!"))
            return self.answer(question=question)

    program = Careless()
    outer: list[Any] = []
    with dspy.context(trace=outer):
        assert [rollout.score for rollout in score(program, shouting(), threads=4)] == [1.0] * 4
    assert program.seen == []
    assert program.answer.demos == []
    assert outer == []


def test_every_lm_of_the_program_is_counted_wherever_it_is_kept() -> None:
    class TwoLms(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = dspy.Predict("question -> draft")
            self.first.lm = ScriptedLM(lambda _: {"draft": "d"}, model="own")
            self.other = [ScriptedLM(lambda asked: {"answer": field("question", asked).upper()}, model="attribute")]
            self.second = dspy.Predict("question, draft -> answer")

        def forward(self, question: str) -> Any:
            draft = self.first(question=question).draft
            with dspy.context(lm=self.other[0]):
                return self.second(question=question, draft=draft)

    store = RunStore.memory()
    rollouts = score(TwoLms(), None, store=store, n=2)
    assert [rollout.score for rollout in rollouts] == [1.0, 1.0]
    models = {store.call(key).model for rollout in rollouts for step in rollout.steps for key in step.calls}  # type: ignore[union-attr]
    assert models == {"own", "attribute"}
    assert store.totals().calls == 4


def test_calls_that_go_around_the_run_are_said_once() -> None:
    hidden = shouting()

    class Hidden(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.answer = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            with dspy.context(lm=hidden):
                return self.answer(question=question)

    run = Run(RunStore.memory())
    with dspy.context(lm=shouting()):
        scored(run, Hidden(), examples(), same_answer)
    (warning,) = run.warnings
    assert "without a call through the run" in warning


def test_the_metrics_own_calls_are_counted_but_are_no_steps() -> None:
    judge = dspy.Predict("question -> answer")

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        return bool(judge(question=example.question).answer == prediction.answer)

    store = RunStore.memory()
    (rollout,) = score(Sync(), shouting(), store=store, n=1, metric=metric)
    assert rollout.score == 1.0
    assert len(rollout.steps) == 1
    assert store.totals().calls == 2


# What goes wrong


def test_an_unreadable_answer_is_a_zero_the_user_would_see() -> None:
    lm = ScriptedLM(lambda asked: {"wrong": "?"} if "q1" in asked else {"answer": "Q0"})
    rollouts = score(dspy.Predict("question -> answer"), lm, n=2)
    assert [(rollout.status, rollout.score) for rollout in rollouts] == [("scored", 1.0), ("unparsed", 0.0)]
    assert "AdapterParseError" in (rollouts[1].error or "")


def test_a_model_out_of_reach_leaves_a_rollout_missing_and_is_tried_again() -> None:
    store, down = RunStore.memory(), True

    def answer(asked: str) -> dict[str, str]:
        if down and "q1" in asked:
            raise LMAuthError("no key")
        return {"answer": field("question", asked).upper()}

    lm = ScriptedLM(answer)
    program = dspy.Predict("question -> answer")
    assert [rollout.score for rollout in score(program, lm, store=store, n=3)] == [1.0, None, 1.0]
    asked = len(lm.asked)
    down = False
    assert [rollout.score for rollout in score(program, lm, store=store, n=3)] == [1.0, 1.0, 1.0]
    assert len(lm.asked) == asked + 1


def test_an_outage_a_program_swallows_is_no_result() -> None:
    class Stubborn(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.answer = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            try:
                return self.answer(question=question)
            except Exception:  # noqa: BLE001 (what is tested)
                return dspy.Prediction(answer="?")

    def answer(asked: str) -> dict[str, str]:
        if "q1" in asked:
            raise TimeoutError("down")
        return {"answer": "Q0"}

    rollouts = score(Stubborn(), ScriptedLM(answer), n=2)
    assert [(rollout.status, rollout.score) for rollout in rollouts] == [("scored", 1.0), ("failed", None)]


def test_a_program_that_raises_is_a_zero_and_an_error() -> None:
    class Buggy(dspy.Module):
        def forward(self, question: str) -> Any:
            if question == "q1":
                raise KeyError("oops")
            return dspy.Prediction(answer=question.upper())

    rollouts = score(Buggy(), None)
    assert [rollout.score for rollout in rollouts] == [1.0, 0.0, 1.0, 1.0]
    assert rollouts[1].error == "KeyError: 'oops'"
    with dspy.context(max_errors=1), pytest.raises(KeyError, match="oops") as caught:
        score(Buggy(), None)
    assert caught.value.__notes__ == ["example 1 of the val data: stopped after 1 errors (max_errors=1)"]


def test_where_everything_fails_the_first_error_is_raised() -> None:
    class Exits(dspy.Module):
        def forward(self, question: str) -> Any:
            raise SystemExit(3)

    with pytest.raises(SystemExit):
        score(Exits(), None, n=2)


def test_a_metric_that_raises_leaves_the_rollout_missing() -> None:
    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        if example.question == "q1":
            raise ValueError("no such label")
        return True

    rollouts = score(Sync(), shouting(), metric=metric)
    assert [(rollout.status, rollout.score) for rollout in rollouts] == [
        ("scored", 1.0),
        ("failed", None),
        ("scored", 1.0),
        ("scored", 1.0),
    ]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([dspy.Example(question="q", answer="a")], InputsNotMarked, r"data\[0\] \(fields: question, answer\)"),
        ([*examples(1), {"question": "q"}], NotAnExample, r"data\[1\] is a dict"),
    ],
)
def test_data_that_cannot_be_used_is_named(data: list[Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        scored(Run(RunStore.memory()), Sync(), data, None)


# Stopping and going on


def test_a_budget_keeps_what_it_paid_for_and_a_larger_one_goes_on() -> None:
    store, lm = RunStore.memory(), shouting()
    rollouts = score(Sync(), lm, store=store, budget=Budget(max_calls=2), threads=1)
    assert [rollout.status for rollout in rollouts] == ["scored", "scored", "failed", "failed"]
    assert rollouts[2].error == "not run: budget met: 2 LM calls"
    assert len(lm.asked) == 2
    assert [rollout.score for rollout in score(Sync(), lm, store=store, threads=1)] == [1.0] * 4
    assert len(lm.asked) == 4


def test_a_stop_a_program_swallows_gives_no_score() -> None:
    class Bare(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.answer = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            try:
                return self.answer(question=question)
            except BaseException:  # noqa: BLE001 (what is tested)
                return dspy.Prediction(answer="?")

    judged: list[str] = []

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        judged.append(example.question)
        return same_answer(example, prediction)

    rollouts = score(Bare(), shouting(), budget=Budget(max_calls=1), threads=1, n=2, metric=metric)
    assert [rollout.score for rollout in rollouts] == [1.0, None]
    assert judged == ["q0"]


def test_finished_rollouts_are_reused_without_program_metric_or_model() -> None:
    store, lm, judged = RunStore.memory(), shouting(), []

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        judged.append(example.question)
        return True

    first = score(Sync(), lm, store=store, metric=metric)
    again = score(Sync(), lm, store=store, metric=metric)
    assert again == first
    assert len(lm.asked) == len(judged) == 4


@pytest.mark.parametrize("change", ["demos", "instructions", "setting", "metric", "lm", "example", "nothing"])
def test_a_rollout_is_reused_only_where_nothing_it_depends_on_changed(change: str) -> None:
    store, lm = RunStore.memory(), shouting()
    program, data = Sync(), examples(1)
    metric: Callable[..., bool] = same_answer
    with dspy.context(lm=lm):
        scored(Run(store), program, data, metric)
        match change:
            case "demos":
                program.answer.predict.demos = [dspy.Example(question="?", answer="!")]
            case "instructions":
                program.answer.predict.signature = program.answer.predict.signature.with_instructions("Shout.")
            case "setting":
                program.k = 3
            case "metric":
                metric = lambda e, p, t=None: e.answer == p.answer  # noqa: E731
            case "lm":
                lm.kwargs["temperature"] = 0.9
            case "example":
                data = [dspy.Example(question="q0", answer="else").with_inputs("question")]
        scored(Run(store), program, data, metric)
    assert len(store.rollouts()) == (1 if change == "nothing" else 2)


def test_progress_is_told_after_it_is_committed() -> None:
    store = RunStore.memory()
    told: list[Any] = []
    run = Run(store, listen=lambda record: told.append((record.seq, record.event)))
    with dspy.context(lm=shouting()):
        scored(run, Sync(), examples(), same_answer, "scoring the baseline")
    assert [seq for seq, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][1] == Progressed(phase="scoring the baseline", done=4, total=4)
