"""`▸` marks where hints stand."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.finetune_samples import student
from support.runs.run_samples import artifact_report, gain, run_report, score, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.protocol import ArtifactReport, StudentInfo
from tunesmith.server.features.inlay_hint import Hint, inlay_hints
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.runs.snapshot import RunsSnapshot
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
APP = """
import dspy


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict("text -> label")▸
        self.steps = [dspy.Predict("text -> note"), dspy.ChainOfThought("note -> score")▸]
        self.agent = dspy.ReAct("text -> answer", tools=[])▸
        self.plain = dspy.Predict("text -> plain")


bot = Bot()
"""
DEMOS = {"sort": [{"text": "a", "label": "b"}] * 4, "steps[1].predict": [{"note": "a", "score": "b"}]}
TOLD = {
    "steps[1].predict": ("Rate.", "Rate it."),
    "agent.react": ("Act.", "Act well."),
    "agent.extract.predict": ("", "Take."),
}
OUTCOME = "15 % → 82 %, +67 points (95 % interval 55 to 79), n=80, P = 0.99, confirmed"
DAY = 1_780_488_000.0
"""Noon of 2026-06-03."""


def opened(root: Path, marked: str = APP, **files: str) -> Workspace:
    return workspace_of(root, {"pyproject.toml": PYPROJECT, "app.py": marked.replace("▸", ""), **files})


def tuned(workspace: Workspace, target: str = "bot", **changes: Any) -> ArtifactReport:
    program = workspace.snapshot().find_target(target).program
    assert program is not None
    values = {"fingerprint": fingerprint_of(program), "demos": DEMOS, **changes}
    return msgspec.structs.replace(artifact_report(target=target, **values), created=DAY)


def hints(workspace: Workspace, runs: RunsSnapshot, start: int = 0, end: int = 10_000) -> list[Hint]:
    return inlay_hints(snapshot_of(workspace, runs), "app.py", start, end)


def labels(workspace: Workspace, artifact: ArtifactReport | None) -> list[str]:
    return [one.label for one in hints(workspace, snapshot("bot", artifact=artifact))]


def loads(workspace: Workspace, artifact: ArtifactReport, app: str = APP) -> None:
    """The artifact is applied: the source loads it."""
    state = {"metadata": {"dependency_versions": {}, "tunesmith": msgspec.to_builtins(artifact)}}
    update(workspace, "compiled/bot.json", json.dumps(state))
    update(workspace, "app.py", app.replace("▸", "") + 'bot.load("compiled/bot.json")\n')


def test_hints_stand_after_the_predictors_that_change(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    artifact = tuned(workspace, instructions=TOLD)
    found = hints(workspace, snapshot("bot", artifact=artifact))
    assert [(one.label) for one in found] == [
        "apply: 4 demos · +67 (55 to 79)",
        "apply: instruction, 1 demo · +67 (55 to 79)",
        "apply agent.react: instruction · +67 (55 to 79)",
        "apply agent.extract.predict: instruction · +67 (55 to 79)",
    ]
    text = marked = workspace.index.view.text("app.py") or ""
    for offset in sorted({one.offset for one in found}, reverse=True):
        marked = marked[:offset] + "▸" + marked[offset:]
    assert marked == APP.removeprefix("\n")
    assert text == APP.removeprefix("\n").replace("▸", "")


def test_a_range_is_honoured(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    runs = snapshot("bot", artifact=tuned(workspace))
    first, second = hints(workspace, runs)
    assert hints(workspace, runs, start=first.offset + 1) == [second]
    assert hints(workspace, runs, end=second.offset - 1) == [first]
    assert hints(workspace, runs, first.offset, second.offset) == [first, second]
    assert hints(workspace, runs, first.offset + 1, second.offset - 1) == []


def test_nothing_is_said_where_nothing_is_known(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    assert labels(workspace, None) == []
    assert hints(workspace, snapshot("other", artifact=tuned(workspace))) == []
    artifact = tuned(workspace)
    update(workspace, "pyproject.toml", "")
    assert labels(workspace, artifact) == []
    update(workspace, "app.py", "x = (\n")
    assert labels(workspace, artifact) == []


def test_hints_stay_in_their_place_while_a_file_is_broken(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    runs = snapshot("bot", artifact=tuned(workspace))
    text, found = workspace.index.view.text("app.py") or "", hints(workspace, runs)
    update(workspace, "app.py", text.replace("        self.plain", "        x = (\n        self.plain"))
    assert hints(workspace, runs) == found
    update(workspace, "app.py", text.replace("        self.sort", "        (x = ; self.sort"))
    moved = workspace.index.view.text("app.py") or ""
    assert all(moved[: one.offset].endswith(")") for one in hints(workspace, runs))


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ({}, "4 demos · +67 (55 to 79)"),
        ({"gain": gain(0.04)}, "4 demos · +4 (-8 to 16)"),
        ({"gain": None}, "4 demos"),
        ({"baseline": score(30, 5), "tuned": score(42.5, 5), "gain": gain(12.5)}, "4 demos · +12 (12 to 13)"),
    ],
)
def test_a_gain_is_told_with_its_interval_or_not_at_all(tmp_path: Path, report: dict[str, Any], told: str) -> None:
    workspace = opened(tmp_path)
    artifact = tuned(workspace, demos={"sort": DEMOS["sort"]})
    artifact = msgspec.structs.replace(artifact, report=run_report(target="bot", **report))
    assert labels(workspace, artifact) == [f"apply: {told}"]


def test_what_is_loaded_counts_before_a_newer_run(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    loads(workspace, tuned(workspace, demos={"sort": DEMOS["sort"]}))
    newer = msgspec.structs.replace(tuned(workspace, run_id="run-2", demos={"sort": []}), created=DAY + 1)
    (hint,) = hints(workspace, snapshot("bot", artifact=newer))
    assert hint.label == "4 demos · +67 (55 to 79)"
    assert hint.tooltip.splitlines() == [
        f"bot as a whole: {OUTCOME} (run run-1, 2026-06-03).",
        "For sort: 4 demos.",
        "Loaded from compiled/bot.json.",
        "Run run-2 is newer, and not applied.",
    ]
    assert hints(workspace, snapshot("other"))[0].tooltip.endswith("Loaded from compiled/bot.json.")


def test_what_stands_in_the_source_is_applied(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    artifact = tuned(workspace, demos={"sort": DEMOS["sort"]})
    update(workspace, "app.py", APP.replace("▸", "") + f"bot.sort.demos = {DEMOS['sort']}\n")
    (hint,) = hints(workspace, snapshot("bot", artifact=artifact))
    assert hint.label == "4 demos · +67 (55 to 79)"
    assert hint.tooltip.splitlines()[-1] == "Written in the source."


@pytest.mark.parametrize("created", [1e300, -1e300, float("nan")])
def test_an_artifact_of_no_time_has_no_date(tmp_path: Path, created: float) -> None:
    workspace = opened(tmp_path)
    artifact = msgspec.structs.replace(tuned(workspace), created=created)
    assert hints(workspace, snapshot("bot", artifact=artifact))[0].tooltip.splitlines()[0].endswith("(run run-1).")


def test_each_predictor_says_what_of_its_own_stands(tmp_path: Path) -> None:
    app = APP.replace(
        'dspy.ReAct("text -> answer", tools=[])▸', 'dspy.Predict(dspy.Signature("text -> answer", "Act."))'
    )
    workspace = opened(tmp_path, app)
    told = {"agent": ("Act.", "Act well.")}
    artifact = tuned(workspace, demos={"sort": DEMOS["sort"]}, instructions=told)
    update(workspace, "app.py", (workspace.index.view.text("app.py") or "").replace('"Act."', '"Act well."'))
    sort, agent = labels(workspace, artifact)
    assert (sort, agent) == (
        "apply: 4 demos · +67 (55 to 79)",
        "instruction · +67 (55 to 79)",
    )


def test_stale_artifacts_say_so(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    artifact = tuned(workspace, demos={"sort": DEMOS["sort"]})
    loads(workspace, artifact, APP.replace("text -> label", "query -> label"))
    (hint,) = hints(workspace, snapshot("bot"))
    assert hint.label == "stale · 4 demos"
    assert "Stale: input field `text` of `sort` is now `query` (app.py:7). Tune bot again." in hint.tooltip


def test_a_run_that_became_stale_before_it_was_applied_is_silent(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    artifact = tuned(workspace)
    update(workspace, "app.py", APP.replace("▸", "").replace("text -> label", "query -> label"))
    assert labels(workspace, artifact) == []


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (student("sort"), "local/smollm2-135m"),
        (student("sort", model="/home/me/models/t5-small"), "t5-small"),
        (student("sort", model="evil\n\u202emodel"), "evil  model"),
        (student("sort", model="x" * 100), "x" * 59 + "…"),
        (student("steps[1].predict"), None),
    ],
)
def test_a_finetuned_predictor_names_its_model(tmp_path: Path, one: StudentInfo, told: str | None) -> None:
    workspace = opened(tmp_path)
    artifact = msgspec.structs.replace(tuned(workspace, demos={}), students=[one])
    (hint,) = hints(workspace, snapshot("bot", artifact=artifact))
    model = told or "local/smollm2-135m"
    assert hint.label == f"apply: +67 (55 to 79) · {model}"
    assert f"the model students/all (lora of {one.model[:4]}" in hint.tooltip
    assert all(line.isprintable() for line in hint.tooltip.splitlines())
    assert (hint.offset < (workspace.index.view.text("app.py") or "").index("self.steps")) is (told is not None)


def test_targets_of_one_program_are_named(tmp_path: Path) -> None:
    tables = "".join(f'[tool.tunesmith.targets.{name}]\nprogram = "app:bot"\n' for name in ("fast", "slow"))
    workspace = workspace_of(
        tmp_path, {"pyproject.toml": tables, "app.py": "import dspy\nbot = dspy.Predict('a -> b')\n"}
    )
    demos = {"self": [{"a": "1", "b": "2"}]}
    targets = {
        name: snapshot(name, artifact=tuned(workspace, name, demos=demos)).targets[name] for name in ("fast", "slow")
    }
    assert [one.label for one in hints(workspace, RunsSnapshot(targets=targets))] == [
        "apply fast: 1 demo · +67 (55 to 79)",
        "apply slow: 1 demo · +67 (55 to 79)",
    ]
    assert hints(workspace, RunsSnapshot(targets=targets))[0].offset == len("import dspy\nbot = dspy.Predict('a -> b')")


def test_predictors_of_another_file_are_hinted_there(tmp_path: Path) -> None:
    inner = "import dspy\n\n\nclass Inner(dspy.Module):\n    def __init__(self):\n"
    inner += "        self.ask = dspy.Predict('a -> b')\n"
    app = "from inner import Inner\n\nbot = Inner()\n"
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "inner.py": inner, "app.py": app})
    runs = snapshot("bot", artifact=tuned(workspace, demos={"ask": [{"a": "1", "b": "2"}]}))
    assert hints(workspace, runs) == []
    (hint,) = inlay_hints(snapshot_of(workspace, runs, {}), "inner.py", 0, len(inner))
    assert inner[: hint.offset].endswith("dspy.Predict('a -> b')")
