"""What users of dspy's BootstrapFewShot rely on, and what ours promises beyond it."""

from typing import Any, cast

import dspy
import pytest
from dspy.teleprompt.teleprompt import Teleprompter

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim import BootstrapFewShot
from tunesmith.optim.errors import InputsNotMarked, MetricError, NoExamples
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import Budget, CandidateScored, RoundEnded
from tunesmith.protocol.store import RunStore


class Shout(dspy.Module):
    def __init__(self, signature: Any = "question -> answer") -> None:
        super().__init__()
        self.answer = dspy.Predict(signature)

    def forward(self, **inputs: Any) -> Any:
        return self.answer(**inputs)


def data(n: int, *, wrong: frozenset[int] = frozenset()) -> list[dspy.Example]:
    """Examples the shouting model answers rightly, but for those named."""
    return [
        dspy.Example(question=f"q{i:02}", answer="wrong" if i in wrong else f"Q{i:02}").with_inputs("question")
        for i in range(n)
    ]


def shouting() -> ScriptedLM:
    return ScriptedLM(lambda asked: {"answer": field("question", asked).upper()})


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.answer == prediction.answer)


def compiled(optimizer: BootstrapFewShot, lm: ScriptedLM, student: Any = None, **given: Any) -> Any:
    with dspy.context(lm=lm):
        return optimizer.compile(student or Shout(), **{"trainset": data(6), **given})


# dspy's contract


def test_defaults_are_dspys() -> None:
    ours, theirs = BootstrapFewShot(), dspy.BootstrapFewShot()
    assert isinstance(ours, Teleprompter)
    for name in ("metric", "metric_threshold", "teacher_settings", "max_bootstrapped_demos", "max_labeled_demos"):
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in ("max_rounds", "max_errors", "error_count"):
        assert getattr(ours, name) == getattr(theirs, name), name


def test_the_compiled_student_shows_traces_first_then_labelled_examples() -> None:
    optimizer = BootstrapFewShot(exact, max_bootstrapped_demos=2, max_labeled_demos=4)
    student, train = Shout(), data(6)
    result = compiled(optimizer, shouting(), student, trainset=train)
    demos = result.answer.demos
    assert [bool(demo.get("augmented")) for demo in demos] == [True, True, False, False]
    assert all(demo.answer == demo.question.upper() for demo in demos)
    assert all(demo in train for demo in demos[2:])
    assert result._compiled is True
    assert result is optimizer.student
    assert student.answer.demos == []
    assert student._compiled is False


@pytest.mark.parametrize("wrong", [frozenset(), frozenset({0, 2, 3})], ids=["all right", "some wrong"])
def test_with_a_pool_no_larger_than_needed_the_demos_are_dspys(wrong: frozenset[int]) -> None:
    train = data(20, wrong=wrong)
    results = []
    for optimizer in (
        dspy.BootstrapFewShot(exact, max_bootstrapped_demos=3, max_labeled_demos=6),
        BootstrapFewShot(exact, max_bootstrapped_demos=3, max_labeled_demos=6, pool_size=3, num_threads=4),
    ):
        with dspy.context(lm=shouting()):
            results.append(optimizer.compile(Shout(), trainset=train[: 3 + len(wrong)]))
    theirs, ours = results
    assert ours.answer.demos == theirs.answer.demos


def test_what_users_read_afterwards() -> None:
    optimizer = BootstrapFewShot(exact, max_bootstrapped_demos=2)
    train = data(6, wrong=frozenset({1}))
    compiled(optimizer, shouting(), trainset=train)
    assert optimizer.trainset is train
    assert optimizer.name2predictor == {"answer": None}
    assert [demo.question for demo in optimizer.name2traces["answer"]] == ["q00", "q02", "q03", "q04", "q05"]
    assert all(demo.augmented for demo in optimizer.name2traces["answer"])
    shown = [demo.question for demo in optimizer.student.answer.demos if demo.get("augmented")]
    assert sorted(example.question for example in optimizer.validation) == sorted(
        example.question for example in train if example.question not in shown
    )
    assert len(cast(Shout, optimizer.teacher).answer.demos) == 6  # an uncompiled teacher gets labelled examples
    assert optimizer.error_count == 0
    assert optimizer.get_params()["max_bootstrapped_demos"] == 2


def test_a_compiled_student_is_refused() -> None:
    student = Shout()
    student._compiled = True
    with pytest.raises(AssertionError, match="Student must be uncompiled"):
        compiled(BootstrapFewShot(exact), shouting(), student)


class Twice(Shout):
    def __init__(self) -> None:
        super().__init__()
        self.again = dspy.Predict("question -> answer")


class Renamed(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.reply = dspy.Predict("question -> answer")


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (Twice(), "same number of predictors"),
        (Renamed(), "same program structure"),
        (Shout("question -> reply"), "same signatures"),
    ],
)
def test_a_teacher_of_another_shape_is_refused(teacher: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        compiled(BootstrapFewShot(exact), shouting(), teacher=teacher)


def test_a_compiled_teacher_keeps_its_demos_and_is_not_changed() -> None:
    teacher = Shout()
    teacher._compiled = True
    teacher.answer.demos = [dspy.Example(question="given", answer="GIVEN")]
    lm = shouting()
    compiled(BootstrapFewShot(exact), lm, teacher=teacher)
    assert set(lm.demos_shown) == {1}
    assert len(teacher.answer.demos) == 1


def test_the_teachers_settings_are_the_teachers_alone() -> None:
    teacher_lm, student_lm = shouting(), shouting()
    optimizer = BootstrapFewShot(exact, teacher_settings={"lm": teacher_lm})
    compiled(optimizer, student_lm, valset=data(2))
    assert len(teacher_lm.asked) == 6
    assert len(student_lm.asked) == 4


@pytest.mark.parametrize(("threshold", "accepted"), [(None, 4), (0, 4), (0.5, 2), (2.0, 0)])
def test_the_threshold_decides_what_is_accepted(threshold: float | None, accepted: int) -> None:
    def grade(example: Any, prediction: Any, trace: Any = None) -> float:
        return 0.25 if example.question in ("q00", "q01") else 0.75

    optimizer = BootstrapFewShot(grade, metric_threshold=threshold, max_labeled_demos=0)
    compiled(optimizer, shouting(), trainset=data(4))
    assert len(optimizer.name2traces["answer"]) == accepted


def test_without_a_metric_every_trace_is_accepted() -> None:
    optimizer = BootstrapFewShot()
    compiled(optimizer, shouting(), trainset=data(3, wrong=frozenset({0})))
    assert len(optimizer.name2traces["answer"]) == 3


def test_the_metric_gets_the_trace_and_is_asked_once_an_attempt() -> None:
    seen: list[Any] = []

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        ((predictor, inputs, output),) = trace
        assert isinstance(predictor, dspy.Predict)
        assert output.answer == prediction.answer
        seen.append(inputs["question"])
        return True

    compiled(BootstrapFewShot(metric), shouting(), trainset=data(4))
    assert sorted(seen) == ["q00", "q01", "q02", "q03"]


def test_retries_sample_afresh_until_accepted() -> None:
    temperatures: list[Any] = []
    lm = shouting()

    def second_time(example: Any, prediction: Any, trace: Any = None) -> bool:
        settings = dspy.settings.lm.kwargs
        temperatures.append((settings.get("rollout_id"), settings.get("temperature")))
        return len(temperatures) == 2

    optimizer = BootstrapFewShot(second_time, max_rounds=3, num_threads=1)
    compiled(optimizer, lm, trainset=data(1))
    assert temperatures == [(None, 0.0), (1, 1.0)]
    assert len(lm.asked) == 2
    assert len(optimizer.name2traces["answer"]) == 1


def test_the_example_being_answered_is_never_among_the_demos() -> None:
    lm = ScriptedLM(lambda asked: {"answer": "x"})
    train = data(6)
    compiled(BootstrapFewShot(None), lm, trainset=[*train, *data(1)])
    # Seven labelled examples; the one asked about is hidden, with its duplicate.
    assert sorted(lm.demos_shown) == [5, 5, 6, 6, 6, 6, 6]


@pytest.mark.parametrize(("max_errors", "raises"), [(0, True), (1, True), (2, True), (3, False), (None, False)])
def test_errors_are_swallowed_until_there_are_too_many(max_errors: int | None, raises: bool) -> None:
    class Buggy(Shout):
        def forward(self, **inputs: Any) -> Any:
            if inputs["question"] in ("q01", "q03"):
                raise RuntimeError(f"no answer to {inputs['question']}")
            return self.answer(**inputs)

    optimizer = BootstrapFewShot(exact, max_errors=max_errors, num_threads=1)
    if raises:
        with pytest.raises(RuntimeError, match="no answer to q01") as caught:
            compiled(optimizer, shouting(), Buggy())
        assert "example 1 of the training data" in caught.value.__notes__[-1]
    else:
        compiled(optimizer, shouting(), Buggy())
        assert optimizer.error_count == 2
        assert any("2 rollouts failed; the first, example 1" in warning for warning in optimizer.outcome.warnings)
        compiled(optimizer, shouting(), Buggy())
        assert optimizer.error_count == 2  # each compile counts anew


def test_a_metric_that_judges_nothing_is_named() -> None:
    with pytest.raises(MetricError, match=r"test_bootstrap_fewshot\.py:\d+: metric <lambda> returned None"):
        compiled(BootstrapFewShot(lambda e, p, t: None), shouting())


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"trainset": []}, NoExamples, "trainset is empty"),
        ({"trainset": [dspy.Example(question="q")]}, InputsNotMarked, r"trainset\[0\]"),
        ({"valset": [dspy.Example(question="q")]}, InputsNotMarked, r"valset\[0\]"),
    ],
)
def test_data_that_cannot_be_used(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        compiled(BootstrapFewShot(exact), shouting(), **given)
    assert isinstance(caught.value, ValueError)


def test_the_data_is_not_changed() -> None:
    train = data(6)
    before = [(example.toDict(), example._input_keys) for example in train]
    compiled(BootstrapFewShot(exact), shouting(), trainset=train)
    assert [(example.toDict(), example._input_keys) for example in train] == before


def test_only_labelled_demos_where_no_bootstrapped_ones_are_wanted() -> None:
    lm = shouting()
    result = compiled(BootstrapFewShot(exact, max_bootstrapped_demos=0, max_labeled_demos=3), lm)
    assert lm.asked == []
    assert len(result.answer.demos) == 3


def test_compile_callbacks_fire_where_dspy_has_them() -> None:
    from dspy.utils.callback import BaseCallback

    if not hasattr(BaseCallback, "on_compile_start"):
        pytest.skip("this dspy has no compile callbacks")
    seen: list[str] = []

    class Watch(BaseCallback):
        def on_compile_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
            seen.append(type(instance).__name__)

    with dspy.context(callbacks=[Watch()]):
        compiled(BootstrapFewShot(exact, max_labeled_demos=0), shouting())
    assert seen == ["BootstrapFewShot"]


def test_the_result_saves_and_loads(tmp_path: Any) -> None:
    result = compiled(BootstrapFewShot(exact), shouting())
    result.save(tmp_path / "program.json")
    loaded = Shout()
    loaded.load(tmp_path / "program.json")
    assert loaded.dump_state() == result.dump_state()


# Beyond dspy


def test_the_pool_bounds_the_calls() -> None:
    lm = shouting()
    compiled(BootstrapFewShot(exact, max_bootstrapped_demos=2), lm, trainset=data(99))
    assert len(lm.asked) == 8
    lm = shouting()
    compiled(BootstrapFewShot(exact, max_bootstrapped_demos=4, pool_size=20), lm, trainset=data(99))
    assert len(lm.asked) == 20


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_change_nothing(threads: int) -> None:
    def run(threads: int) -> tuple[Any, Any]:
        optimizer = BootstrapFewShot(exact, num_threads=threads, teacher_rounds=2, max_rounds=2)
        result = compiled(optimizer, shouting(), trainset=data(40, wrong=frozenset(range(0, 40, 3))), valset=data(9))
        return result.dump_state(), optimizer.outcome

    assert run(threads) == run(1)


def test_the_improved_program_teaches_what_was_not_solved() -> None:
    """A model that manages q03 and later only once it is shown a trace."""

    def answer(asked: str) -> dict[str, str]:
        question = field("question", asked)
        return {"answer": question.upper() if question < "q03" or lm.demos_shown[-1] else "?"}

    lm = ScriptedLM(answer)
    rounds: list[RoundEnded] = []
    run = Run(
        RunStore.memory(),
        threads=1,
        listen=lambda record: rounds.append(record.event) if isinstance(record.event, RoundEnded) else None,
    )
    optimizer = BootstrapFewShot(exact, max_labeled_demos=0, teacher_rounds=5, run=run)
    compiled(optimizer, lm, trainset=data(8, wrong=frozenset({7})))
    assert [(ended.tried, ended.accepted, ended.pool) for ended in rounds] == [(8, 3, 3), (5, 4, 7), (1, 0, 7)]


def test_turns_of_one_predictor_in_a_trace_are_kept_apart() -> None:
    class Hops(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hop = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            for turn in range(3):
                last = self.hop(question=f"{question} {turn}")
            return last

    optimizer = BootstrapFewShot(None, max_labeled_demos=0, max_bootstrapped_demos=4)
    result = compiled(optimizer, shouting(), Hops(), trainset=data(2))
    assert len(optimizer.name2traces["hop"]) == 6
    assert len({demo.question for demo in result.hop.demos}) == 4


def test_predictors_keep_their_own_lms() -> None:
    class Own(Shout):
        def __init__(self) -> None:
            super().__init__()
            self.answer.lm = own

    own, other = shouting(), shouting()
    store = RunStore.memory()
    result = compiled(BootstrapFewShot(exact, run=Run(store)), other, Own(), valset=data(3))
    assert result.answer.lm is not None
    assert other.asked == []
    assert store.totals().calls == len(own.asked) == 12


def test_an_async_program_is_tuned() -> None:
    class Async(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.answer = dspy.ChainOfThought("question -> answer")

        async def aforward(self, question: str) -> Any:
            return await self.answer.acall(question=question)

    lm = ScriptedLM(lambda asked: {"reasoning": "loud", "answer": field("question", asked).upper()})
    result = compiled(BootstrapFewShot(exact, max_labeled_demos=0), lm, Async())
    assert [demo.reasoning for demo in result.answer.predict.demos] == ["loud"] * 4


# The verdict


def learner() -> ScriptedLM:
    """A model that answers rightly once it is shown demos."""

    def answer(asked: str) -> dict[str, str]:
        return {"answer": field("question", asked).upper() if lm.demos_shown[-1] else "?"}

    lm = ScriptedLM(answer)
    return lm


def test_a_gain_is_measured_on_the_validation_data() -> None:
    events: list[Any] = []
    run = Run(RunStore.memory(), threads=1, listen=lambda record: events.append(record.event))
    optimizer = BootstrapFewShot(exact, run=run, keep_baseline=True)
    result = compiled(optimizer, learner(), valset=data(12))
    outcome = optimizer.outcome
    assert outcome.shipped
    assert outcome.baseline is not None
    assert outcome.tuned is not None
    assert outcome.gain is not None
    assert (outcome.baseline.score, outcome.tuned.score, outcome.gain.verdict) == (0.0, 1.0, "confirmed")
    assert result.answer.demos
    scored = [event for event in events if isinstance(event, CandidateScored)]
    assert [(event.candidate, event.score.score) for event in scored] == [("baseline", 0.0), ("tuned", 1.0)]
    assert [choice.predictor for choice in outcome.demos] == ["answer"] * len(result.answer.demos)


@pytest.mark.parametrize(
    ("options", "shipped"),
    [({}, True), ({"keep_baseline": False}, True), ({"keep_baseline": True}, False), ({"strict": True}, False)],
)
def test_without_a_gain_the_baseline_stays_where_asked(options: dict[str, Any], shipped: bool) -> None:
    student = Shout()
    student.answer.demos = [dspy.Example(question="mine", answer="MINE")]
    optimizer = BootstrapFewShot(exact, **options)
    result = compiled(optimizer, shouting(), student, valset=data(8))
    assert optimizer.outcome.gain is not None
    assert optimizer.outcome.gain.verdict == "no gain"
    assert optimizer.outcome.shipped is shipped
    assert result._compiled is shipped
    assert (result.answer.demos == student.answer.demos) is not shipped
    assert result is not student


def test_keeping_the_baseline_needs_something_to_compare_on() -> None:
    with pytest.raises(ValueError, match="pass compile a valset"):
        compiled(BootstrapFewShot(exact, keep_baseline=True), shouting())


# Stopping


@pytest.mark.parametrize("calls", [0, 1, 3, 6, 9])
def test_a_budget_gives_the_best_so_far_and_says_so(calls: int) -> None:
    lm = shouting()
    run = Run(RunStore.memory(), budget=Budget(max_calls=calls))
    optimizer = BootstrapFewShot(exact, run=run, max_labeled_demos=1, num_threads=8)
    result = compiled(optimizer, lm, valset=data(3))
    assert len(lm.asked) == calls
    assert optimizer.outcome.stopped == f"budget met: {calls} LM calls"
    assert len([demo for demo in result.answer.demos if demo.get("augmented")]) == min(calls, 4)


def test_a_cancel_gives_the_best_so_far_and_says_so() -> None:
    run = Run(RunStore.memory(), threads=1)

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        if example.question == "q02":
            run.cancel("the user asked")
        return True

    optimizer = BootstrapFewShot(metric, run=run, max_labeled_demos=0, keep_baseline=True)
    result = compiled(optimizer, shouting(), valset=data(3))
    assert optimizer.outcome.stopped == "the user asked"
    assert optimizer.outcome.shipped is False  # nothing shows that it is better
    assert result.answer.demos == []
    assert len(optimizer.name2traces["answer"]) == 3
