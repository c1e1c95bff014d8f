"""`index`, `check` and `targets`: what a workspace holds, without a daemon."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.protocol import decode
from tunesmith.protocol.index_report import CheckReport, IndexReport
from tunesmith.protocol.session_messages import TargetList
from tunesmith.server.cli import main

PROGRAM = '''\
import dspy


class Triage(dspy.Signature):
    """Tell what the message is about."""

    text: str = dspy.InputField(desc="as it came")
    topic: str = dspy.OutputField()


class Sorter(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.ChainOfThought(Triage)

    def forward(self, text):
        return self.sort(text=text)


def exact(example, prediction, trace=None):
    return example.topic == prediction.topic


program = Sorter()
trainset = [dspy.Example(text="a", topic="b").with_inputs("text")]
optimizer = dspy.BootstrapFewShot(metric=exact)
tuned = optimizer.compile(program, trainset=trainset)
tuned.load("compiled/program.json")
'''

PYPROJECT = """\
[tool.tunesmith.targets.triage]
program = "app.sorter:program"
metric = "app.sorter:exact"
trainset = "data.jsonl"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "work"
    (root / "app").mkdir(parents=True)
    (root / "app" / "sorter.py").write_text(PROGRAM)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "plain.py").write_text("print('nothing here')\n")
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(root)
    return root


def printed(words: list[str], exit_code: int, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == exit_code
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def test_index_json_has_the_promised_shape(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(["index", "--json"], 0, capsys)
    decode(text, IndexReport)
    report = json.loads(text)
    assert set(report) == {"files", "signatures", "modules", "metrics", "datasets", "compiles", "loads"}
    assert report["files"] == 1
    signature, module = report["signatures"][0], report["modules"][0]
    assert {"name", "file", "line", "instructions", "inputs", "outputs"} <= set(signature)
    assert signature["inputs"] == [{"name": "text", "type": "str", "desc": "as it came"}]
    assert (module["name"], module["file"], module["line"]) == ("Sorter", "app/sorter.py", 11)
    predictor = module["predictors"][0]
    assert {"name", "kind", "signature", "line"} <= set(predictor)
    assert (predictor["kind"], predictor["signature"], predictor["line"]) == ("ChainOfThought", "Triage", 14)
    assert [len(report[name]) for name in ("metrics", "datasets", "compiles", "loads")] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("path", "files"), [("app", 1), ("app/sorter.py", 1), ("plain.py", 0), (".", 1)], ids=lambda value: str(value)
)
def test_index_of_a_part(path: str, files: int, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(["index", path, "--json"], 0, capsys))["files"] == files


def test_index_from_a_subfolder_is_relative_to_the_root(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root / "app")
    assert json.loads(printed(["index", "--json"], 0, capsys))["modules"][0]["file"] == "app/sorter.py"


def test_index_for_people(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(["index"], 0, capsys)
    assert "app/sorter.py:14" in text
    assert text.endswith("1 file read: 1 signature, 1 module, 1 metric, 1 dataset, 1 compile, 1 load\n")


def test_targets(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = decode(printed(["targets", "--json"], 0, capsys), TargetList).targets
    assert [(one.name, one.kind, f"{one.file}:{one.line}", one.importable) for one in targets] == [
        ("triage", "configured", "pyproject.toml:1", True),
        ("program", "compile", "app/sorter.py:27", True),
    ]
    assert [one.optimizer for one in targets] == ["bootstrap-fewshot", "bootstrap-fewshot"]
    (root / "pyproject.toml").write_text(PYPROJECT + "\n[tool.tunesmith]\noptimizer = 'mipro-v2'\n")
    targets = decode(printed(["targets", "--json"], 0, capsys), TargetList).targets
    assert [one.optimizer for one in targets] == ["mipro-v2", "bootstrap-fewshot"]
    assert "program  app/sorter.py:27" in printed(["targets", "app"], 0, capsys)
    assert "pyproject.toml" not in printed(["targets", "app"], 0, capsys)
    assert "has no targets" in printed(["targets", "plain.py"], 0, capsys)


def test_check_counts_from_one_and_fails(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "pyproject.toml").write_text(PYPROJECT + "\n[tool.tunesmith]\nlmm = 'x'\n")
    text = printed(["check"], 1, capsys)
    assert "pyproject.toml:7:1: " in text
    assert "[target-configuration] Unknown key `lmm`" in text
    findings = decode(printed(["check", "--json"], 1, capsys), CheckReport).findings
    assert ("pyproject.toml", 7) in [(one.file, one.line) for one in findings]
    assert printed(["check", "plain.py"], 0, capsys) == "Nothing found.\n"


def test_check_links_files_from_where_it_is_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "pyproject.toml").write_text("[tool.tunesmith]\nlmm = 'x'\n")
    monkeypatch.chdir(root / "app")
    assert "../pyproject.toml:2:1: " in printed(["check"], 1, capsys)


def test_index_in_a_process_of_its_own(root: Path) -> None:
    command = [sys.executable, "-c", "import sys; from tunesmith.server.cli import main; sys.exit(main())"]
    done = subprocess.run([*command, "index", "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["files"] == 1
    assert done.stderr == ""
