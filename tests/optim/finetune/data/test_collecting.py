"""Teachers at work: what passes is kept, what fails is counted, nothing is paid twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dspy
import pydantic
import pytest
from dspy.utils.exceptions import LMAuthError

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim.errors import InputsNotMarked
from tunesmith.optim.finetune.data.collect import Collected, collect_traces
from tunesmith.optim.finetune.data.teachers import Curriculum, check_teachers
from tunesmith.optim.finetune.errors import NoPassingTraces, NoSharedPredictor
from tunesmith.optim.rollouts import Run
from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.optim.rollouts.judge import Judge
from tunesmith.protocol import Budget, Progressed
from tunesmith.protocol.store import RunStore

TEACHER = dspy.Predict("question -> answer")


def examples(n: int = 6) -> list[dspy.Example]:
    return [dspy.Example(question=f"q{i}", answer=f"Q{i}").with_inputs("question") for i in range(n)]


def shouting(asked: str) -> dict[str, Any]:
    return {"answer": field("question", asked).upper()}


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.answer == prediction.answer)


def collect(
    *teachers: Any,
    data: list[dspy.Example] | None = None,
    metric: Any = exact,
    threshold: float | None = None,
    samples: int = 1,
    places: list[int] | None = None,
    store: RunStore | None = None,
    budget: Budget | None = None,
    **options: Any,
) -> Collected:
    run = Run(store or RunStore.memory(), budget=budget or Budget())
    taught = [one if isinstance(one, tuple) else (TEACHER, {"lm": one}) for one in teachers]
    options = {"threads": 4, "errors": ErrorTally(1), **options}
    curriculum = Curriculum(teachers=taught, samples=samples, places=places)
    data = examples() if data is None else data
    return collect_traces(run, curriculum, data, Judge(metric, threshold), **options)


@pytest.mark.parametrize("threads", [1, 4])
def test_every_teacher_answers_every_example_as_often_as_wanted(threads: int) -> None:
    loud, louder = ScriptedLM(shouting), ScriptedLM(shouting, model="louder")
    found = collect(loud, louder, samples=3, threads=threads)
    assert [(trace.example, trace.teacher, trace.sample) for trace in found.traces] == [
        (example, teacher, sample) for example in range(6) for teacher in range(2) for sample in range(3)
    ]
    assert all(trace.turns[0][2] == {"answer": f"Q{trace.example}"} for trace in found.traces)
    assert found.outcomes == {"passed": 36}
    assert len(loud.asked) == len(louder.asked) == 18


def test_the_first_sample_is_the_teacher_as_it_is() -> None:
    class Noting(ScriptedLM):
        def _use_example(self, messages: list[dict[str, Any]]) -> str:
            seen.append((self.kwargs.get("rollout_id"), self.kwargs["temperature"]))
            return super()._use_example(messages)

    seen = list[Any]()
    collect(Noting(shouting), samples=3, data=examples(1), threads=1)
    assert seen == [(None, 0.0), (1, 1.0), (2, 1.0)]


def test_only_some_examples_are_taught_under_their_own_numbers() -> None:
    found = collect(ScriptedLM(shouting), places=[4, 1])
    assert [(trace.example, trace.turns[0][1]["question"]) for trace in found.traces] == [(1, "q1"), (4, "q4")]


def test_one_input_is_one_source_whatever_its_label() -> None:
    data = [dspy.Example(question="q", answer=label).with_inputs("question") for label in "ab"]
    first, second = collect(ScriptedLM(shouting), data=data, metric=None).traces
    assert first.source == second.source
    assert first.example != second.example


def test_loops_leave_a_turn_each() -> None:
    class Twice(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.step = dspy.Predict("question -> answer")
            self.last = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            return self.last(question=self.step(question=self.step(question=question).answer + "x").answer + "y")

    (trace,) = collect((Twice(), {"lm": ScriptedLM(shouting)}), data=examples(1), metric=None).traces
    assert [(name, outputs["answer"]) for name, _, outputs in trace.turns] == [
        ("step", "Q0"),
        ("step", "Q0X"),
        ("last", "Q0XY"),
    ]


def test_the_threshold_decides_and_the_score_is_kept() -> None:
    def graded(example: Any, prediction: Any, trace: Any = None) -> float:
        return int(prediction.answer[1:]) / 5

    found = collect(ScriptedLM(shouting), metric=graded, threshold=0.6)
    assert [(trace.example, trace.score) for trace in found.traces] == [(3, 0.6), (4, 0.8), (5, 1.0)]
    assert found.outcomes == {"passed": 3, "rejected by the metric": 3}


def test_without_a_metric_everything_that_ends_is_kept() -> None:
    assert collect(ScriptedLM(lambda _: {"answer": "?"}), metric=None).outcomes == {"passed": 6}


def answering(bad: Callable[[], dict[str, Any]]) -> ScriptedLM:
    """Right for all but the first example."""
    return ScriptedLM(lambda asked: bad() if field("question", asked) == "q0" else shouting(asked))


def raising(error: Exception) -> Callable[..., Any]:
    def answer(*_: Any) -> Any:
        raise error

    return answer


class Strict(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.answer = dspy.Predict("question -> answer")

    def forward(self, question: str) -> Any:
        if question == "q0":
            raise KeyError(question)
        return self.answer(question=question)


def picky(example: Any, prediction: Any, trace: Any = None) -> bool:
    if example.question == "q0":
        raise ZeroDivisionError
    return exact(example, prediction)


@pytest.mark.parametrize(
    ("teacher", "metric", "outcome", "raised"),
    [
        (answering(lambda: {"answer": "no"}), exact, "rejected by the metric", 0),
        (answering(lambda: {"other": "no"}), exact, "with an answer that could not be read", 0),
        (answering(raising(LMAuthError("no key", model="m"))), exact, "failed to reach the model", 1),
        ((Strict(), {"lm": ScriptedLM(shouting)}), exact, "raised in the program", 1),
        (ScriptedLM(shouting), picky, "raised in the metric", 1),
        (ScriptedLM(shouting), lambda e, p, trace=None: None if e.question == "q0" else 1, "raised in the metric", 1),
    ],
)
def test_what_fails_is_counted_and_skipped(teacher: Any, metric: Any, outcome: str, raised: int) -> None:
    store, tallies = RunStore.memory(), [ErrorTally(1), ErrorTally(1)]
    for errors in tallies:  # run, then read from the store
        found = collect(teacher, metric=metric, store=store, errors=errors)
        assert found.outcomes == {"passed": 5, outcome: 1}
        assert [trace.example for trace in found.traces] == [1, 2, 3, 4, 5]
    assert tallies[0].count == raised


def test_nothing_passing_says_how_many_failed_and_why() -> None:
    lm = ScriptedLM(lambda asked: {"other": "x"} if field("question", asked) == "q0" else {"answer": "no"})
    with pytest.raises(NoPassingTraces) as raised:
        collect(lm, metric=lambda e, p, trace=None: 0.4, threshold=0.5)
    message = str(raised.value)
    assert "None of 6 teacher runs passed the metric (5 rejected by the metric, the best with 0.4, " in message
    assert "1 with an answer that could not be read: AdapterParseError: " in message


@pytest.mark.parametrize("threads", [1, 4])
def test_where_nothing_works_it_ends_early(threads: int) -> None:
    lm = ScriptedLM(raising(LMAuthError("no key", model="m")))
    with pytest.raises(NoPassingTraces, match=r"failed to reach the model: LMAuthError: .*no key") as raised:
        collect(lm, data=examples(200), threads=threads)
    assert isinstance(raised.value.__cause__, LMAuthError)
    assert len(lm.asked) <= 20 + threads


def test_a_metric_that_always_raises_is_named() -> None:
    with pytest.raises(NoPassingTraces, match="6 raised in the metric: KeyError: 'label'"):
        collect(ScriptedLM(shouting), metric=lambda example, prediction, trace=None: prediction["label"])


def test_a_model_out_of_reach_is_asked_again_after_the_others() -> None:
    refused = list[str]()

    def answer(asked: str) -> dict[str, Any]:
        if field("question", asked) == "q0" and not refused:
            refused.append(asked)
            raise TimeoutError
        return shouting(asked)

    lm = ScriptedLM(answer)
    one_format = dspy.ChatAdapter(use_json_adapter_fallback=False)
    assert collect((TEACHER, {"lm": lm, "adapter": one_format}), threads=1).outcomes == {"passed": 6}
    assert [field("question", asked) for asked in lm.asked] == ["q0", "q1", "q2", "q3", "q4", "q5", "q0"]


def test_few_passing_traces_are_warned_about() -> None:
    (warning,) = collect(ScriptedLM(shouting), data=examples(49), samples=2).warnings
    assert warning.startswith("Only 49 inputs have a trace that passed.")
    assert "bootstrap-fewshot" in warning
    assert collect(ScriptedLM(shouting), data=examples(50)).warnings == []


def test_the_same_teacher_twice_is_asked_once() -> None:
    lm = ScriptedLM(shouting)
    found = collect(lm, (TEACHER.deepcopy(), {"lm": lm}))
    assert len(lm.asked) == len(found.traces) == 6
    assert "Teacher 2 is the same as teacher 1, and is not asked again." in found.warnings


def test_a_teacher_is_not_shown_the_answer_among_its_demos() -> None:
    teacher = TEACHER.deepcopy()
    teacher.demos = [dspy.Example(question="q0", answer="Q0"), dspy.Example(question="d", answer="D")]
    lm = ScriptedLM(shouting)
    collect((teacher, {"lm": lm}), threads=1, data=examples(2))
    assert lm.demos_shown == [1, 2]


class Person(pydantic.BaseModel):
    name: str


@pytest.mark.parametrize(
    "answers", [lambda _: {"answer": '{"name": "Ada"}'}], ids=["a value that JSON does not give back"]
)
def test_a_finished_run_is_read_from_its_store(tmp_path: Path, answers: Any) -> None:
    lm = ScriptedLM(answers)
    teacher = dspy.Predict(dspy.Signature("question -> answer: Person", custom_types={"Person": Person}))
    found = []
    for _ in range(2):
        with RunStore.open(tmp_path) as store:
            found.append(collect((teacher, {"lm": lm}), metric=None, samples=2, store=store))
    assert found[0] == found[1]
    assert found[1].traces[0].turns[0][2] == {"answer": Person(name="Ada")}
    assert len(lm.asked) == 12


@pytest.mark.parametrize("calls", [0, 1, 7])
def test_a_run_in_two_parts_is_the_run_in_one(tmp_path: Path, calls: int) -> None:
    lm = ScriptedLM(shouting)
    with RunStore.open(tmp_path) as store:
        begun = collect(lm, samples=2, store=store, budget=Budget(max_calls=calls))
    assert len(begun.traces) == begun.outcomes.get("passed", 0) == calls == len(lm.asked)
    assert begun.outcomes["not run"] == 12 - calls
    with RunStore.open(tmp_path) as store:
        assert collect(lm, samples=2, store=store) == collect(ScriptedLM(shouting), samples=2)
    assert len(lm.asked) == 12


def test_progress_is_told() -> None:
    told = list[Any]()
    run = Run(RunStore.memory(), listen=lambda record: told.append(record.event))
    teachers = [(TEACHER, {"lm": ScriptedLM(shouting)})]
    collect_traces(run, Curriculum(teachers=teachers, samples=2), examples(), Judge(exact), errors=ErrorTally(None))
    assert told[-1] == Progressed(phase="bootstrapping", done=12, total=12, text="12 passed")


def test_async_programs_teach_too() -> None:
    class Async(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.answer = dspy.Predict("question -> answer")

        async def aforward(self, question: str) -> Any:
            return await self.answer.acall(question=question)

    assert len(collect((Async(), {"lm": ScriptedLM(shouting)})).traces) == 6


def test_inputs_must_be_marked() -> None:
    with pytest.raises(InputsNotMarked):
        collect(ScriptedLM(shouting), data=[dspy.Example(question="q")])


def test_teacher_and_student_must_share_a_predictor() -> None:
    class Named(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.say = dspy.Predict("question -> answer")

    assert check_teachers(TEACHER, [(TEACHER.deepcopy(), {})]) == []
    with pytest.raises(NoSharedPredictor, match=r"Teacher \(say\) and student \(self\) have no predictor of the same"):
        check_teachers(TEACHER, [(TEACHER, {}), (Named(), {})])


def test_what_only_a_teacher_has_is_told_before() -> None:
    class More(Strict):
        def __init__(self) -> None:
            super().__init__()
            self.plan = dspy.Predict("question -> plan")

    assert check_teachers(Strict(), [(Strict(), {}), (More(), {})]) == [
        "The student has no `plan`: what teacher 2 says there is left out."
    ]
