"""Which of a teacher's turns a student is taught."""

import random
from pathlib import Path
from typing import Any, Literal

import dspy
import msgspec
import pytest

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim.finetune.data.collect import Collected, PassingTrace, collect_traces
from tunesmith.optim.finetune.data.dataset import Dataset, build_dataset
from tunesmith.optim.finetune.data.splitting import Split, split_by_input
from tunesmith.optim.finetune.data.teachers import Curriculum
from tunesmith.optim.finetune.errors import NoSharedPredictor, NothingToTrain
from tunesmith.optim.finetune.rows import Row, read_rows, write_rows
from tunesmith.optim.rollouts import Run
from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.optim.rollouts.judge import Judge
from tunesmith.protocol.store import RunStore

FREE = dspy.Predict("question -> answer")
COT = dspy.ChainOfThought("question -> answer")


class Sort(dspy.Signature):
    question: str = dspy.InputField()
    label: Literal["red", "blue", "green"] = dspy.OutputField()


LABELS = dspy.Predict(Sort)


def trace(example: int, *turns: tuple[str, dict[str, Any], dict[str, Any]], **fields: Any) -> PassingTrace:
    values: dict[str, Any] = {"source": f"s{example}", "score": 1.0, "teacher": 0, "sample": 0}
    return PassingTrace(example=example, turns=list(turns), **values | fields)


def said(example: int, answer: str, *, name: str = "self", reasoning: str | None = None, **fields: Any) -> PassingTrace:
    outputs = {"answer": answer} if reasoning is None else {"reasoning": reasoning, "answer": answer}
    return trace(example, (name, {"question": f"q{example}"}, outputs), **fields)


def labelled(example: int, label: str, **fields: Any) -> PassingTrace:
    return trace(example, ("self", {"question": f"q{example}"}, {"label": label}), **fields)


def build(
    student: Any,
    traces: list[PassingTrace],
    *,
    train: list[int] | None = None,
    dev: list[int] | None = None,
    **options: Any,
) -> Dataset:
    split = Split(
        train=[],
        dev=[],
        test=[],
        train_places=train or [place for place in range(99) if place not in (dev or [])],
        dev_places=dev or [],
        line="",
    )
    ordered = sorted(traces, key=lambda one: (one.example, one.teacher, one.sample))
    return build_dataset(student, Collected(traces=ordered, outcomes={}, warnings=[]), split, adapter=None, **options)


def answers(rows: list[Row]) -> list[str]:
    """The last field of each."""
    return [row.target.split(" ## ]]\n")[-1].split("\n")[0] for row in rows]


def test_rows_lie_on_the_side_of_their_example() -> None:
    found = build(FREE, [said(i, f"a{i}") for i in range(6)], dev=[1, 4])
    assert [row.example for row in found.train] == [0, 2, 3, 5]
    assert [row.example for row in found.dev] == [1, 4]
    assert (found.counts, found.warnings) == ({}, [])
    assert found.lines == ["`self`: 4 rows"]


def test_what_is_kept_to_test_teaches_nothing() -> None:
    found = build(FREE, [said(i, f"a{i}") for i in range(3)], train=[0], dev=[2])
    assert ([row.example for row in found.train], [row.example for row in found.dev]) == ([0], [2])


def test_the_same_answer_twice_is_one_row() -> None:
    found = build(FREE, [said(0, "a", sample=sample) for sample in range(3)], dev=[9])
    assert answers(found.train) == ["a"]


def test_an_example_given_twice_is_one_input() -> None:
    found = build(FREE, [said(0, "a"), trace(1, ("self", {"question": "q0"}, {"answer": "a"}), source="s0")])
    assert [row.example for row in found.train] == [0]
    found = build(FREE, [said(0, "a"), trace(1, ("self", {"question": "q0"}, {"answer": "a"}))])
    assert found.counts == {"repeated": 1}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([("red", 1.0, 0), ("blue", 1.0, 1), ("blue", 1.0, 1)], "blue"),  # the more frequent
        ([("red", 1.0, 0), ("blue", 0.5, 1), ("blue", 0.5, 1)], "red"),  # the better
        ([("blue", 1.0, 1), ("red", 1.0, 0)], "red"),  # the first teacher's
        ([("blue", 1.0, 0), ("red", 1.0, 0)], "blue"),  # by name, so that it is always the same
        ([("red", 1.0, 0), ("red", 1.0, 1)], "red"),
    ],
)
def test_contradicting_labels_are_settled(given: list[tuple[str, float, int]], kept: str) -> None:
    traces = [
        labelled(0, label, score=score, teacher=teacher, sample=sample)
        for sample, (label, score, teacher) in enumerate(given)
    ]
    found = build(LABELS, traces)
    assert answers(found.train) == [kept]
    wrong = sum(label != kept for label, _, _ in given)
    assert found.counts.get("contradicted by a better or more frequent answer", 0) == wrong


def test_text_that_serves_as_a_label_is_one() -> None:
    few = [said(i, "ab"[i % 2]) for i in range(8)]
    assert build(FREE, [*few, said(0, "b", sample=1), said(0, "b", sample=2)]).lines == [
        "`self`: 8 rows; answers: b 5, a 3"
    ]
    many = [said(i, f"a{i}") for i in range(8)]
    assert len(build(FREE, [*many, said(0, "b", sample=1)]).train) == 9


def test_a_teacher_that_always_says_the_same_is_noticed() -> None:
    always = [labelled(i, "red") for i in range(4)]
    said_of_it = "Every row of `self` answers 'red': its student will say nothing else."
    assert said_of_it in build(LABELS, always, dev=[3]).warnings
    assert said_of_it not in build(LABELS, [*always, labelled(5, "blue")], dev=[3]).warnings


def test_one_input_has_at_most_four_different_answers() -> None:
    found = build(FREE, [said(0, f"answer {sample}", sample=sample) for sample in range(9)])
    assert len(found.train) == 4
    assert found.counts == {"beyond the best 4 different traces of an input": 5}


def test_different_answers_come_first_then_the_better_then_the_shorter() -> None:
    traces = [
        said(0, "a", reasoning="a long thought", sample=0),
        said(0, "a", reasoning="thought", sample=1),
        said(0, "a", reasoning="th", sample=2),
        said(0, "a", reasoning="though", sample=3),
        said(0, "a", reasoning="worse", sample=4, score=0.5),
        said(0, "b", reasoning="the only one of all that comes to this", sample=5, score=0.5),
    ]
    traces = [trace(0, ("predict", *one.turns[0][1:]), sample=one.sample, score=one.score) for one in traces]
    assert [row.sample for row in build(COT, traces).train] == [1, 2, 3, 5]


def test_a_loop_keeps_its_end() -> None:
    class Loop(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.step = dspy.Predict("question -> answer")

    turns = [("step", {"question": f"q{turn}"}, {"answer": f"a{turn}"}) for turn in range(7)]
    found = build(Loop(), [trace(0, *turns)])
    assert answers(found.train) == [f"a{turn}" for turn in range(7)]


@pytest.mark.parametrize(
    ("mode", "purposes"),
    [("joint", ["answer"] * 2), ("separate", ["answer", "rationale"]), ("answer", ["answer"])],
)
def test_rows_of_each_rationale_mode(mode: Any, purposes: list[str]) -> None:
    traces = [said(0, "a", reasoning=text, sample=sample, name="predict") for sample, text in enumerate(("so", "thus"))]
    found = build(COT, [*traces, said(1, "b", reasoning="dev", name="predict")], dev=[1], rationale=mode)
    assert [row.purpose for row in found.train] == purposes
    assert [row.purpose for row in found.dev] == ["answer"]
    assert "so" in found.train[-1].target or mode != "separate"  # the shorter of the two
    reasoning = purposes.count("rationale")
    assert found.lines == [
        f"`predict`: {len(purposes)} rows" + f", {reasoning} of them teach its reasoning" * bool(reasoning)
    ]


def test_development_has_one_answer_a_prompt_and_none_that_is_trained_on() -> None:
    second_stage = ("self", {"question": "the same for both"}, {"answer": "x"})
    traces = [
        said(0, "a"),
        said(1, "long answer", sample=0),
        said(1, "answer", sample=1),
        trace(2, second_stage),
        trace(3, second_stage),
    ]
    found = build(FREE, traces, dev=[1, 3])
    assert answers(found.dev) == ["answer"]
    assert found.counts == {"of development prompts that are trained on too": 1}


@pytest.mark.parametrize(("train", "dev", "empty"), [([5, 6], [0, 1], "training"), ([0, 1], [7], "development")])
def test_a_side_without_a_trace_gets_others_by_input(train: list[int], dev: list[int], empty: str) -> None:
    traces = [trace(i, ("self", {"question": f"q{i % 2}"}, {"answer": "a"}), source=f"s{i % 2}") for i in range(2)]
    found = build(FREE, traces, train=train, dev=dev)
    assert len(found.train) == len(found.dev) == 1
    assert found.train[0].source != found.dev[0].source
    assert found.warnings == [f"No trace of the {empty} examples passed: 1 of the others' inputs choose the best step."]


def test_little_data_has_no_development_rows() -> None:
    found = build(FREE, [said(0, "a")], dev=[0])
    assert (len(found.train), found.dev) == (1, [])
    assert found.warnings == ["There are no development rows: no step of the training can be told from another."]


def test_predictors_only_one_of_the_two_has() -> None:
    class Two(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = dspy.Predict("question -> answer"), dspy.Predict("question -> answer")

    strange = ("elsewhere", {"question": "q"}, {"answer": "a"})
    turn = ("first", {"question": "q"}, {"answer": "a"})
    found = build(Two(), [trace(0, turn, strange)])
    assert found.counts == {"of a predictor the student lacks": 1}
    assert found.warnings[0] == "No row teaches `second`."
    with pytest.raises(NoSharedPredictor, match=r"Teacher \(elsewhere\) and student \(first, second\)"):
        build(Two(), [trace(0, strange)])


def test_where_every_turn_is_refused_it_says_why() -> None:
    pictures = dspy.Predict("picture: dspy.Image -> answer")
    image = dspy.Image("https://example.org/a.png")
    with pytest.raises(NothingToTrain, match="2 with a prompt that is not plain text"):
        build(pictures, [trace(i, ("self", {"picture": image}, {"answer": "a"})) for i in range(2)])
    with pytest.raises(NothingToTrain, match="there are none"):
        build(FREE, [])


def test_long_histograms_are_cut() -> None:
    labels = [f"label {i % 14:02}" for i in range(42)]
    (line,) = build(FREE, [said(i, label) for i, label in enumerate(labels)]).lines
    assert line.endswith("label 10 3, label 11 3 and 2 more")


def test_rows_come_out_the_same_whatever_order_traces_came_in() -> None:
    traces = [
        labelled(i, random.Random(i * 10 + s + t).choice(["red", "blue", "green"]), sample=s, teacher=t, score=s / 2)
        for i in range(12)
        for s in range(3)
        for t in range(2)
    ]
    shuffled = random.Random(1).sample(traces, len(traces))
    assert build(LABELS, shuffled, dev=[3, 4]) == build(LABELS, traces, dev=[3, 4])


def test_from_examples_to_rows() -> None:
    data = [dspy.Example(question=f"q{i}", label="red" if i % 3 else "blue").with_inputs("question") for i in range(30)]
    split = split_by_input(data, 0)
    lm = ScriptedLM(lambda asked: {"label": "red" if int(field("question", asked)[1:]) % 3 else "green"})
    collected = collect_traces(
        Run(RunStore.memory(), threads=4),
        Curriculum(teachers=[(LABELS, {"lm": lm})], samples=2, places=split.taught_places),
        data,
        Judge(lambda example, prediction, trace=None: example.label == prediction.label),
        errors=ErrorTally(None),
    )
    found = build_dataset(LABELS, collected, split, adapter=None)
    taught = {row.example for row in found.train}, {row.example for row in found.dev}
    reds = [{place for place in side if place % 3} for side in (split.train_places, split.dev_places)]
    assert list(taught) == reds
    assert found.lines == [f"`self`: {len(found.train)} rows; answers: red {len(found.train)}"]
    test = {example.question for example in split.test}
    assert not test & {field("question", row.messages[-1].content) for row in [*found.train, *found.dev]}


def test_rows_go_to_disk_and_back(tmp_path: Path) -> None:
    rows = build(FREE, [said(i, f"ÿ\n\u2028{i}") for i in range(5)]).train
    path = tmp_path / "rows.jsonl"
    write_rows(path, rows)
    assert read_rows(path) == rows
    assert len(path.read_bytes().split(b"\n")) == 6


def test_writing_that_is_cut_off_leaves_what_lay_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = build(FREE, [said(0, "a"), said(1, "b")]).train
    write_rows(path, rows)

    def broken() -> Any:
        yield rows[1]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_rows(path, broken())
    assert read_rows(path) == rows


def test_something_else_is_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"predictor": 3}\n')
    with pytest.raises(msgspec.DecodeError):
        read_rows(path)
