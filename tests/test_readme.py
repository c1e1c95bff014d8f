"""The README tells the truth: its Python runs, its configuration parses, its command line is the real one."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tunesmith.server.cli.dispatch import parse
from tunesmith.server.target_discovery import read_configuration

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def printed_help(words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        parse([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_help_is_the_real_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = re.search(r"<!-- help -->\n```text\n\$ tunesmith --help\n(.*?)```\n<!-- /help -->", README, re.DOTALL)
    assert shown is not None
    assert shown[1] == printed_help([], capsys, monkeypatch)


def options_by_command() -> list[tuple[str, set[str]]]:
    """What the table of options claims, one entry a command."""
    rows = re.findall(r"^\| (`tunesmith .*?) \| (.*) \|$", README, re.MULTILINE)
    evaluate = next(options for commands, options in rows if "evaluate" in commands)
    claims = []
    for commands, options in rows:
        claimed = set(OPTION.findall(options.replace("those of `evaluate`", evaluate)))
        first, *others = re.findall(r"`(.*?)`", commands)
        verb, *action = first.removeprefix("tunesmith ").split()
        if not action or not action[0].islower():
            claims.append((verb, claimed))
        else:
            claims += [(f"{verb} {each}", claimed) for each in [action[0], *others]]
    return claims


@pytest.mark.parametrize(
    ("command", "claimed"), options_by_command(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_options_of(
    command: str, claimed: set[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage, _, _ = printed_help(command.split(), capsys, monkeypatch).partition("\n\n")
    assert set(OPTION.findall(usage)) == claimed


def test_every_verb_is_in_the_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    verbs = re.findall(r"^    (\w+) ", printed_help([], capsys, monkeypatch), re.MULTILINE)
    assert verbs
    assert {command.split()[0] for command, _ in options_by_command()} == set(verbs)


DUMMY_LM = """
import dspy
from dspy.utils import DummyLM
dspy.LM = lambda model: DummyLM([{"intent": "card_arrival"}] * 50)
"""


def test_python_runs(tmp_path: Path) -> None:
    assert len(blocks("python")) == 2
    script = tmp_path / "script.py"
    script.write_text(DUMMY_LM + "\n".join(blocks("python")), encoding="utf-8")
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    saved = json.loads((tmp_path / "classify.json").read_text())
    assert [demo["intent"] for demo in saved["demos"] if demo.get("augmented")] == ["card_arrival"]


def test_configuration_parses() -> None:
    for block in blocks("json"):
        json.loads(block)
    ours, helix = blocks("toml")
    assert tomllib.loads(helix)["language-server"]["tunesmith"] == {"command": "tunesmith", "args": ["lsp"]}
    configuration = read_configuration(ours)
    assert configuration.problems == []
    assert [target.name for target in configuration.targets] == ["intents"]


def test_linked_files_exist() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
