import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.finetune_samples import finetune_report, student
from support.runs.run_samples import artifact_report, gain, score, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.protocol import ArtifactReport
from tunesmith.server.artifacts.reader import ArtifactReader
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.rules import Diagnostic
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
APP = "import dspy\n\nbot = dspy.Predict('text -> label')\nx = 1\n"
DEMOS = {"self": [{"text": "a", "label": "b"}]}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": APP})


def tuned(workspace: Workspace, **changes: Any) -> ArtifactReport:
    program = workspace.snapshot().find_target("bot").program
    assert program is not None
    values = {"fingerprint": fingerprint_of(program), "demos": DEMOS, **changes}
    return artifact_report(target="bot", **values)


def found(workspace: Workspace, artifact: ArtifactReport | None, path: str = "app.py") -> list[Diagnostic]:
    artifacts = ArtifactReader().read(workspace.snapshot())
    return [
        one
        for one in diagnose(snapshot_of(workspace, snapshot("bot", artifact=artifact), artifacts), path)
        if one.code == "improvement-available"
    ]


def test_it_stands_on_the_construction_and_says_what_and_how_sure(workspace: Workspace) -> None:
    (one,) = found(workspace, tuned(workspace))
    assert APP[one.span.start : one.span.end] == "bot = dspy.Predict('text -> label')"
    assert one.severity == "information"
    assert one.message == (
        "bot can be improved: 15 % → 82 %, +67 points (95 % interval 55 to 79), n=80, P = 0.99, confirmed. "
        "It adds demos: 1 for self."
    )
    assert one.data == {"target": "bot", "run_id": "run-1", "forms": ["load", "demos"], "instructions": []}


def test_other_files_and_other_targets_stay_silent(workspace: Workspace) -> None:
    artifact = tuned(workspace)
    assert found(workspace, None) == []
    assert found(workspace, artifact, "pyproject.toml") == []
    update(workspace, "other.py", APP)
    assert found(workspace, artifact, "other.py") == []


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("import dspy\nbot = make()\n", None),  # nothing to follow: on pyproject.toml
        (APP + "def (:\n", []),
        ("import dspy\nif x:\n    bot = dspy.Predict('text -> label')\n", ["load", "demos"]),
    ],
)
def test_forms_are_those_the_source_allows(workspace: Workspace, text: str, forms: list[str] | None) -> None:
    artifact = tuned(workspace)
    update(workspace, "app.py", text)
    there = found(workspace, artifact)
    assert [one.data["forms"] for one in there] == ([] if forms is None else [forms])


@pytest.mark.parametrize(
    ("changes", "forms"),
    [({"literal_demos": False}, ["load"]), ({"predictors": ["self"]}, ["load", "demos"])],
)
def test_forms_are_those_the_artifact_allows(workspace: Workspace, changes: dict[str, Any], forms: list[str]) -> None:
    (one,) = found(workspace, tuned(workspace, **changes))
    assert one.data["forms"] == forms


def test_a_compile_site_is_enough(tmp_path: Path) -> None:
    text = """\
import dspy

def main():
    bot = dspy.Predict('text -> label')
    dspy.MIPROv2().compile(bot, trainset=[])
"""
    workspace = workspace_of(tmp_path, {"app.py": text})
    (one,) = found(workspace, tuned(workspace))
    assert text[one.span.start : one.span.end] == "bot = dspy.Predict('text -> label')"


def test_silent_where_the_program_changed_since(workspace: Workspace) -> None:
    artifact = tuned(workspace)
    update(workspace, "app.py", APP.replace("text", "query"))
    assert found(workspace, artifact) == []


def applied_by_load(workspace: Workspace, run_id: str) -> None:
    report = tuned(workspace, run_id=run_id)
    state = {"metadata": {"dependency_versions": {}, "tunesmith": msgspec.to_builtins(report)}}
    update(workspace, "compiled/bot.json", json.dumps(state))
    update(workspace, "app.py", APP.replace("x = 1", 'bot.load("compiled/bot.json")'))


def test_silent_once_it_is_loaded(workspace: Workspace) -> None:
    applied_by_load(workspace, "run-1")
    assert found(workspace, tuned(workspace, run_id="run-1")) == []


def test_a_newer_run_is_news_again(workspace: Workspace) -> None:
    applied_by_load(workspace, "run-1")
    assert len(found(workspace, tuned(workspace, run_id="run-2"))) == 1


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("bot.demos = [{'augmented': True, 'text': 'a', 'label': 'b'}]", 0),
        ("bot.demos = [{'text': 'a', 'label': 'b'}]", 0),
        ("bot.demos = [{'text': 'a', 'label': 'c'}]", 1),
        ("bot.demos = []", 1),
        ("bot.demos = make()", 1),
        ("bot.demos = [1]", 1),
        ("other.demos = [{'text': 'a', 'label': 'b'}]", 1),
        ("y = 1; bot.demos = [{'text': 'a', 'label': 'b'}]", 1),
        ("'bot.demos'", 1),
        ("# tuned\n\nbot.demos = [\n    {'text': 'a', 'label': 'b'},\n]\nx = 1\n", 0),
        ("bot.demos = [{'text':\n'a', 'label': 'b'}]\nx = 1\n", 0),
        ("bot.demos = [{'text': 'a', 'label': 'b'}]\ndef (:\n", 0),
    ],
)
def test_silent_once_its_demos_stand_in_the_source(workspace: Workspace, line: str, count: int) -> None:
    update(workspace, "app.py", APP.replace("x = 1", line))
    assert len(found(workspace, tuned(workspace))) == count


def test_demos_are_recognized_in_a_block(workspace: Workspace) -> None:
    text = (
        "import dspy\nif True:\n\tbot = dspy.Predict('text -> label')\n"
        "\tbot.demos = [\n\t\t{'text': 'a', 'label': 'b'}\n\t]\nelse:\n\tx = 1\n"
    )
    artifact = tuned(workspace)
    update(workspace, "app.py", text)
    assert found(workspace, artifact) == []
    update(workspace, "app.py", text.replace("'b'", "'c'"))
    assert len(found(workspace, artifact)) == 1


def test_an_unlikely_gain_says_so(workspace: Workspace) -> None:
    (one,) = found(workspace, tuned(workspace, tuned=score(0.2), gain=gain(0.05, "likely")))
    assert "15 % → 20 %, +5 points (95 % interval -7 to 17), n=80, P = 0.99, likely" in one.message


TWO = """
import dspy


class Sort(dspy.Signature):
    'Sort it.'

    text: str = dspy.InputField()
    label: str = dspy.OutputField()


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)
        self.find = dspy.ChainOfThought("text -> found")


bot = Bot()
"""
TOLD = {
    "sort": ("Sort it.", "Sort it well."),
    "find.predict": ("Given the fields `text`, produce the fields `found`.", "Find it."),
}
FOUR = {"sort": [{"text": str(number), "label": "a"} for number in range(4)]}
WRITTEN = {
    "sort": ("'Sort it.'", "'Sort it well.'"),
    "find": ('"text -> found"', 'dspy.Signature("text -> found", "Find it.")'),
    "demos": ("bot = Bot()\n", f"bot = Bot()\nbot.sort.demos = {FOUR['sort']}\n"),
    "sort below": (
        "bot = Bot()\n",
        "bot = Bot()\nbot.sort.signature = bot.sort.signature.with_instructions(\n    'Sort it well.'\n)\n",
    ),
    "sort otherwise": (
        "bot = Bot()\n",
        "bot = Bot()\nbot.sort.signature = bot.sort.signature.with_instructions('Other.')\n",
    ),
    "load": ("bot = Bot()\n", "bot = Bot()\nbot.load('other.json')\n"),
}


@pytest.mark.parametrize(
    ("written", "what", "missing"),
    [
        ([], "It adds new instructions for sort and find.predict; demos: 4 for sort.", ["sort", "find.predict"]),
        (["sort"], "It adds a new instruction for find.predict; demos: 4 for sort.", ["find.predict"]),
        (["sort below"], "It adds a new instruction for find.predict; demos: 4 for sort.", ["find.predict"]),
        (["find"], "It adds a new instruction for sort; demos: 4 for sort.", ["sort"]),
        (["sort", "find"], "It adds demos: 4 for sort.", []),
        (["demos"], "It adds new instructions for sort and find.predict.", ["sort", "find.predict"]),
        (["sort", "sort otherwise", "find"], "It adds a new instruction for sort; demos: 4 for sort.", ["sort"]),
        (
            ["sort", "find", "load"],
            "It adds new instructions for sort and find.predict; demos: 4 for sort.",
            ["sort", "find.predict"],
        ),
        (  # the last written comes first
            ["find", "load", "demos", "sort below"],
            "It adds new instructions for sort and find.predict; demos: 4 for sort.",
            ["sort", "find.predict"],
        ),
        (
            ["find", "demos", "sort below", "load"],
            "It adds a new instruction for find.predict.",
            ["find.predict"],
        ),
        (["sort", "find", "demos"], None, []),
        (["find", "demos", "sort below"], None, []),
    ],
)
def test_what_stands_in_the_source_is_not_offered_again(
    workspace: Workspace, written: list[str], what: str | None, missing: list[str]
) -> None:
    update(workspace, "app.py", TWO)
    artifact = tuned(workspace, demos=FOUR, instructions=TOLD)
    for one in written:
        text = workspace.index.view.text("app.py") or ""
        assert WRITTEN[one][0] in text
        update(workspace, "app.py", text.replace(*WRITTEN[one]))
    there = found(workspace, artifact)
    assert [one.message.partition("confirmed. ")[2] for one in there] == ([] if what is None else [what])
    assert [one.data["instructions"] for one in there] == ([] if what is None else [missing])
    assert all(one.data["forms"] == ["load", "instructions"] for one in there)


def test_a_search_says_what_it_was_scored_on(workspace: Workspace) -> None:
    (one,) = found(workspace, tuned(workspace, searched=True))
    assert "n=80, P = 0.99, confirmed, on the examples the search chose on. It adds" in one.message


def finetuned(workspace: Workspace, *paths: str, **changes: Any) -> ArtifactReport:
    students = [student("self", path=path) for path in paths]
    home = workspace.root / ".tunesmith" / "runs" / "run-1" / "program.json"
    artifact = tuned(workspace, demos={}, predictors=["self"], artifact=str(home), **changes)
    return msgspec.structs.replace(artifact, students=students)


@pytest.mark.parametrize(
    ("paths", "report", "words"),
    [
        (
            ["students/self"],
            finetune_report(),
            (
                "Its finetuned model is .tunesmith/runs/run-1/students/self (lora of local/smollm2-135m); "
                "it is cheaper than openai/gpt-4o from 5,470 answers on, never cheaper than local/smollm2-135m."
            ),
        ),
        (
            ["students/self", "/elsewhere/b"],
            finetune_report(break_even=[]),
            (
                "Its finetuned models are .tunesmith/runs/run-1/students/self (lora of local/smollm2-135m) "
                "and /elsewhere/b (lora of local/smollm2-135m)."
            ),
        ),
    ],
)
def test_a_finetuned_model_is_named_with_what_it_saves(
    workspace: Workspace, paths: list[str], report: Any, words: str
) -> None:
    (one,) = found(workspace, finetuned(workspace, *paths, finetune=report))
    assert one.message == (
        "bot can be improved: 15 % → 82 %, +67 points (95 % interval 55 to 79), n=80, P = 0.99, confirmed. " + words
    )
    assert one.data["forms"] == ["load"]


ATTACHED = 'from tunesmith.optim import load_student\nbot.set_lm(load_student("compiled/bot-student"))\n'


@pytest.mark.parametrize(
    ("behind", "left"),
    [
        ('bot.load("compiled/bot.json")\n', 1),
        (f'bot.load("compiled/bot.json")\n{ATTACHED}', 0),
        (f'bot.load("compiled/bot.json")\n{ATTACHED.replace("bot-student", "other")}', 1),
        (ATTACHED, 1),
    ],
)
def test_a_finetuned_program_is_applied_once_its_model_is_attached(
    workspace: Workspace, behind: str, left: int
) -> None:
    artifact = finetuned(workspace, "students/self")
    copied = msgspec.structs.replace(artifact, students=[student("self", path="compiled/bot-student")])
    state = {"metadata": {"dependency_versions": {}, "tunesmith": msgspec.to_builtins(copied)}}
    update(workspace, "compiled/bot.json", json.dumps(state))
    update(workspace, "app.py", APP.replace("x = 1\n", behind))
    assert len(found(workspace, artifact)) == left
