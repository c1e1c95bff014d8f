"""The recorder goes on where it was stopped, and asks nothing twice."""

from pathlib import Path

import dspy
import pytest

from benchmarks.search import record
from benchmarks.search.recording import FOLDER, path_of, read, write
from benchmarks.search.tasks import DataMissing, Stage, Task, extraction, load
from support.lms.scripted_lm import ScriptedLM, field


class Name(dspy.Signature):
    """Name it."""

    text: str = dspy.InputField()
    word: str = dspy.OutputField()


ROWS = [{"text": f"row {place}", "word": str(place % 2)} for place in range(8)]
STAGE = Stage("name", Name, ("Name it.", "Name it well.", "Name it, please."), {"none": (), "two": (0, 1)})
TASK = Task("made-up", ROWS, tuple(range(2, 8)), (STAGE,), first=2)


class Stopped(BaseException):
    """Like a kill: nobody on the way catches it."""


def lm(answers: int | None = None) -> ScriptedLM:
    """Says 0 to everything; the call after `answers` raises."""

    def answer(message: str) -> dict[str, str]:
        if answers is not None and len(scripted.asked) > answers:
            raise Stopped
        return {"word": "0" if field("text", message) != "row 6" else "1"}

    scripted = ScriptedLM(answer)
    return scripted


def run(scripted: ScriptedLM, path: Path, until: int | None = None, task: Task = TASK) -> None:
    with dspy.context(lm=scripted, adapter=record.BriefAdapter()):
        record.record(task, path, until)


def test_scores_are_kept_by_arm(tmp_path: Path) -> None:
    path = tmp_path / "made-up.json.gz"
    run(scripted := lm(), path)
    assert len(scripted.asked) == 6 * 6
    assert read(path).stages[0].scores == (("101000",) * 2,) * 3
    assert sorted(set(scripted.demos_shown)) == [0, 2]
    # The last message is the row alone: no reminder of the format.
    assert scripted.asked[0] == "[[ ## text ## ]]\nrow 2"


@pytest.mark.parametrize("answers", [0, 5, 6, 20, 35])
def test_a_stopped_recording_goes_on(tmp_path: Path, answers: int) -> None:
    path, whole = tmp_path / "stopped.json.gz", tmp_path / "whole.json.gz"
    with pytest.raises(Stopped):
        run(lm(answers), path)
    run(rest := lm(), path)
    run(lm(), whole)
    assert len(rest.asked) == 36 - answers // 6 * 6
    assert path.read_bytes() == whole.read_bytes()
    run(again := lm(), path)
    assert again.asked == []


def test_the_first_instructions_come_first(tmp_path: Path) -> None:
    path = tmp_path / "made-up.json.gz"
    run(scripted := lm(), path, until=2)
    assert len(scripted.asked) == 4 * 6
    assert [all(row) for row in read(path).stages[0].scores] == [True, True, False]


def test_another_task_is_not_mixed_in(tmp_path: Path) -> None:
    path = tmp_path / "made-up.json.gz"
    run(lm(), path, until=1)
    changed = TASK._replace(stages=(STAGE._replace(instructions=("Name it.", "No.", "Name it, please.")),))
    with pytest.raises(SystemExit, match="other instructions"):
        run(lm(), path, task=changed)


def test_a_write_that_dies_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "made-up.json.gz"
    run(lm(), path, until=1)
    before = path.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(Stopped))
    with pytest.raises(Stopped):
        write(read(path), path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json.gz")), ids=lambda path: path.name)
def test_the_stored_recordings_are_of_the_tasks_as_they_are(path: Path) -> None:
    try:
        task = load(path.name.removesuffix(".json.gz"))
    except DataMissing as missing:
        pytest.skip(str(missing))
    recording = record.started(task, path_of(task.name))
    rows = [scores for stage in recording.stages for row in stage.scores for scores in row if scores]
    assert {len(scores) for scores in rows} == {len(task.examples)}
    for stage in task.stages:
        shown = {place for demos in stage.demo_sets.values() for place in demos}
        assert not shown & set(task.examples)


def test_delivery_notes_are_the_same_everywhere() -> None:
    assert extraction.notes(200)[::199] == [
        {"note": "Please bring 25 parcels to Keller at dock 23, Leeds. Reference 5257.", "parcels": 25},
        {"note": "Lyon, stop 3: Keller gets 24 parcels (548 kg) with order 3784.", "parcels": 24},
    ]
