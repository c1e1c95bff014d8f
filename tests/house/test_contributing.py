"""The examples of CONTRIBUTING.md, followed to the letter in a copy of the tree.

Each takes the files and lines that were promised, does what it says, and leaves nothing behind when it is taken away.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from golden.editor import Editor
from golden.machine import Machine
from support.workspaces.bank_workspace import Bank

ROOT = Path(__file__).parents[2]
PACKAGES = ("protocol", "server", "optim")
COPIED = (*PACKAGES, "pyproject.toml", ".importlinter")
RULE, FEATURE, OPTIMIZER = "Adding a rule", "Adding a language feature", "Adding an optimizer"

STEP = re.compile(r"^`([^`\n]+)`, (new|one line)\b(?:(?!```).)*?```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Steps(NamedTuple):
    """What a section says is to be done."""

    files: dict[str, str]
    """New ones, by path."""
    lines: dict[str, tuple[str, str]]
    """By path: a line of the file, and what is inserted below."""


def read_steps(title: str) -> Steps:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    steps = Steps({}, {})
    for path, kind, code in STEP.findall(section):
        if kind == "new":
            steps.files[path] = code
        else:
            kept, added = code.splitlines(keepends=True)
            assert (kept[0], added[0]) == (" ", "+")
            steps.lines[path] = (kept[1:], added[1:])
    return steps


class Tree:
    """A copy of what examples touch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__", "ui"))
            else:
                shutil.copy(source, root / name)
        self.path = os.pathsep.join(str(root / name) for name in PACKAGES)

    @contextmanager
    def following(self, *titles: str) -> Iterator[None]:
        """While it lasts, the tree has what the sections add."""
        before = self.digest()
        steps = [read_steps(title) for title in titles]
        for one in steps:
            for path, code in one.files.items():
                file = self.root / path
                file.parent.mkdir(exist_ok=True)
                assert not file.exists()
                file.write_text(code, encoding="utf-8")
            for path, (kept, added) in one.lines.items():
                text = self._read(path)
                assert text.count(f"\n{kept}") == 1, f"{path} has no such line, or more than one: {kept}"
                self._write(path, text.replace(f"\n{kept}", f"\n{kept}{added}"))
        yield
        for one in steps:
            for path in one.files:
                (self.root / path).unlink()
            for path, (kept, added) in one.lines.items():
                self._write(path, self._read(path).replace(f"\n{kept}{added}", f"\n{kept}"))
        assert self.digest() == before

    def digest(self) -> dict[str, str]:
        return {
            str(file.relative_to(self.root)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in self.root.rglob("*")
            if file.is_file() and file.suffix != ".pyc"
        }

    def _read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def _write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def machine(tmp_path: Path, tree: Tree) -> Iterator[Machine]:
    """It runs the copy."""
    with Machine(tmp_path / "machine") as machine:
        machine.environment["PYTHONPATH"] = tree.path
        yield machine


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path / "bank")


@pytest.mark.parametrize(
    ("title", "packages", "files", "lines"), [(RULE, 0, 1, 1), (FEATURE, 0, 2, 2), (OPTIMIZER, 1, 4, 3)]
)
def test_an_example_takes_what_was_promised(title: str, packages: int, files: int, lines: int) -> None:
    steps = read_steps(title)
    assert (len(steps.files), len(steps.lines)) == (files, lines)
    assert not any((ROOT / path).exists() for path in steps.files)
    new = {str(Path(path).parent) for path in steps.files if not (ROOT / path).parent.exists()}
    assert len(new) == packages


def test_a_rule(tree: Tree, machine: Machine, bank: Bank) -> None:
    with bank.source.open("a", encoding="utf-8") as source:
        source.write("\n\nclass Bare(dspy.Signature):\n    text: str = dspy.InputField()\n")

    def found() -> list[tuple[str, str]]:
        done = machine.call("check", "--json", root=bank.root)
        assert done.returncode == 0, done.stderr
        return [(one["rule"], one["message"]) for one in json.loads(done.stdout)["findings"]]

    assert found() == []
    with tree.following(RULE):
        assert found() == [("bare-signature", "`Bare` has no docstring: say there what is wanted of the model.")]
    assert found() == []


def test_a_language_feature(tree: Tree, machine: Machine, bank: Bank) -> None:
    with tree.following(FEATURE):
        editor = Editor(machine, bank.root)
        asked: dict[str, object] = {"processId": None, "rootUri": bank.root.as_uri(), "capabilities": {}}
        assert editor.ask("initialize", asked)["capabilities"]["documentSymbolProvider"]
        editor.tell("initialized", {})
        outline = editor.ask("textDocument/documentSymbol", {"textDocument": editor.open(bank.source)})
        assert [symbol["name"] for symbol in outline] == ["Triage"]
        assert editor.leave() == 0


def test_an_optimizer(tree: Tree, machine: Machine, bank: Bank) -> None:
    with tree.following(OPTIMIZER):
        shown = machine.call("optimize", "--help", root=bank.root).stdout
        assert "labeled-fewshot shows labels" in " ".join(shown.split())
        done = machine.call("optimize", "triage", "--optimizer", "labeled-fewshot", "--json", root=bank.root)
        assert done.returncode == 0, done.stdout + done.stderr
        report = json.loads(done.stdout.splitlines()[-1])
        assert (report["optimizer"], report["status"]) == ("labeled-fewshot", "finished")
        assert report["gain"]["verdict"] == "confirmed"
        assert json.loads(Path(report["artifact"]).read_text(encoding="utf-8"))["sort"]["demos"]
        machine.stop_daemon()
    refused = machine.call("optimize", "triage", "--optimizer", "labeled-fewshot", root=bank.root)
    assert refused.returncode == 2


def test_the_house_holds_with_all_of_them(tree: Tree) -> None:
    checks = (
        ["lint-imports", "--no-logo", "--no-cache"],
        ["ruff", "check", "--no-cache"],
        ["ruff", "format", "--no-cache", "--check"],
    )
    with tree.following(RULE, FEATURE, OPTIMIZER):
        for tool, *words in checks:
            done = subprocess.run(
                [Path(sys.executable).with_name(tool), *words],
                cwd=tree.root,
                env={**os.environ, "PYTHONPATH": tree.path},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{tool}: {done.stdout[-3000:]}"
