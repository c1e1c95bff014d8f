"""`▸` marks where lenses stand; a file without marks has none."""

from pathlib import Path

import pytest

from support.runs.run_samples import gain, run_report, run_summary, score, snapshot
from support.workspaces.workspace_texts import snapshot_of, workspace_of
from tunesmith.protocol import RunSummary
from tunesmith.server.features.code_lens import Lens, code_lenses
from tunesmith.server.runs.snapshot import RunsSnapshot

NOW = 10_000.0
PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:{program}"\n'
MODULE = """\
class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.a = dspy.Predict('a -> b')
"""


def lenses(root: Path, marked: str, runs: RunsSnapshot, program: str | None = "bot") -> list[Lens]:
    """The lenses of app.py, which stand on its marks."""
    files = {"app.py": marked.replace("▸", "")}
    if program:
        files["pyproject.toml"] = PYPROJECT.format(program=program)
    workspace = workspace_of(root, files)
    found = code_lenses(snapshot_of(workspace, runs), "app.py", NOW)
    marks = [len(part) for part in marked.split("▸")[:-1]]
    starts = [sum(marks[: i + 1]) for i in range(len(marks))]
    assert sorted({lens.span.start for lens in found}) == starts
    assert all(lens.span.start == lens.span.end for lens in found)
    return found


def titles(found: list[Lens]) -> list[str]:
    return [lens.title for lens in found]


@pytest.mark.parametrize(
    ("marked", "program"),
    [
        ("import dspy\n▸bot = dspy.Predict('a -> b')\n", "bot"),
        (f"import dspy\n▸{MODULE}▸bot = Bot()\n", "bot"),
        (f"import dspy\n▸{MODULE}", "Bot"),
        (f"import dspy\n{MODULE}", None),
        ("import dspy\n▸bot = dspy.Predict('a -> b')\n▸dspy.MIPROv2().compile(bot, trainset=[])\n", None),
        ("print('hello')\n", None),
        ("", None),
    ],
)
def test_lenses_stand_on_targets_and_their_programs(tmp_path: Path, marked: str, program: str | None) -> None:
    found = lenses(tmp_path, marked, snapshot("bot"), program)
    assert titles(found) == ["Tune", "Evaluate"] * marked.count("▸")


def test_a_lens_carries_its_command(tmp_path: Path) -> None:
    tune, evaluate = lenses(tmp_path, "import dspy\n▸bot = dspy.Predict('a -> b')\n", snapshot("bot"))
    assert (tune.command, tune.arguments) == ("tunesmith.tune", [{"root": str(tmp_path), "target": "bot"}])
    assert (evaluate.command, evaluate.arguments) == ("tunesmith.evaluate", [{"root": str(tmp_path), "target": "bot"}])


def test_targets_that_share_a_place_are_named(tmp_path: Path) -> None:
    tables = "".join(f'[tool.tunesmith.targets.{n}]\nprogram = "app:bot"\n' for n in ("fast", "slow"))
    workspace = workspace_of(
        tmp_path, {"pyproject.toml": tables, "app.py": "import dspy\nbot = dspy.Predict('a -> b')\n"}
    )
    found = code_lenses(snapshot_of(workspace, snapshot()), "app.py", NOW)
    assert titles(found) == ["Tune fast", "Evaluate fast", "Tune slow", "Evaluate slow"]


@pytest.mark.parametrize(
    ("evaluated", "title"),
    [
        (run_summary(run_report()), "82 % ±6 (n=80), confirmed, 2 h ago"),
        (run_summary(run_report(gain=gain(0.01, "no gain"))), "15 % ±6 (n=80), no gain, 2 h ago"),
        (run_summary(run_report(tuned=None, gain=None)), "15 % ±6 (n=80), 2 h ago"),
        (run_summary(run_report(baseline=None, gain=None, tuned=score(0.5))), "50 % ±6 (n=80), 2 h ago"),
        (run_summary(run_report(tuned=None, gain=None, baseline=None)), None),
        (run_summary(None), None),
    ],
)
def test_the_last_score_is_shown_with_its_age(tmp_path: Path, evaluated: RunSummary, title: str | None) -> None:
    changed = run_summary(evaluated.report, created=NOW - 2.5 * 3600)
    found = lenses(tmp_path, "import dspy\n▸bot = dspy.Predict('a -> b')\n", snapshot("bot", evaluated=changed))
    assert titles(found) == ["Tune", "Evaluate", *([title] if title else [])]
    if title:
        assert (found[2].command, found[2].arguments[0]["run_id"]) == ("tunesmith.showRun", "run-1")


@pytest.mark.parametrize(
    ("status", "progress", "title"),
    [
        ("running", "bootstrapping 12/40", "bootstrapping 12/40"),
        ("running", "", "running"),
        ("queued", "", "queued"),
        ("needs credentials", "", "needs credentials"),
    ],
)
def test_a_run_shows_its_progress_and_can_be_cancelled(tmp_path: Path, status: str, progress: str, title: str) -> None:
    runs = snapshot(
        "bot", running=run_summary(status=status, progress=progress), evaluated=run_summary(run_report(), created=NOW)
    )
    found = lenses(tmp_path, "import dspy\n▸bot = dspy.Predict('a -> b')\n", runs)
    assert titles(found) == [title, "Cancel", "82 % ±6 (n=80), confirmed, just now"]
    assert (found[1].command, found[1].arguments) == (
        "tunesmith.cancel",
        [{"root": str(tmp_path), "target": "bot", "run_id": "run-2"}],
    )
