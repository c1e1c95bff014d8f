"""Real editors with the snippets we publish: a code action from a finished run, picked and saved, without a window."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.test_tuning_in_an_editor import artifact_state, dump_state
from support.runs.finished_run import leave_finished_run
from support.workspaces.bank_workspace import Bank

SNIPPETS = Path(__file__).parent / "editors"
INSTRUCTION = 'Say "cash" or "card".\n\nNothing else.'
LOAD, WRITE = "Load the compiled program", "Write the new instruction and 1 demo"


@pytest.mark.parametrize(
    "snippet", sorted(file.name for file in SNIPPETS.iterdir() if not file.name.startswith("drive_"))
)
def test_the_readme_shows_it(snippet: str) -> None:
    readme = (SNIPPETS.parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"\n{(SNIPPETS / snippet).read_text(encoding='utf-8')}```\n" in readme


def test_what_no_editor_reads_here_is_well_formed() -> None:
    command = {"path": "tunesmith", "arguments": ["lsp"]}
    zed = json.loads((SNIPPETS / "zed.json").read_text(encoding="utf-8"))
    assert zed["lsp"]["pylsp"]["binary"] == command
    assert "pylsp" in zed["languages"]["Python"]["language_servers"]
    helix = tomllib.loads((SNIPPETS / "helix.toml").read_text(encoding="utf-8"))
    assert helix["language-server"]["tunesmith"] == {"command": command["path"], "args": command["arguments"]}
    assert "tunesmith" in helix["language"][0]["language-servers"]


def test_the_snippet_for_a_newer_neovim_is_lua() -> None:
    _need("nvim")
    check = f"lua assert(loadfile('{SNIPPETS / 'neovim.lua'}'))"
    ran = subprocess.run(
        ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-c", check, "-c", "qall!"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stderr == ""


def neovim(snippet: str, bank: Bank) -> list[str]:
    _need("nvim")
    quiet = ["--headless", "--noplugin", "-n", "-i", "NONE"]
    return ["nvim", *quiet, "-u", snippet, str(bank.source), "-c", f"luafile {SNIPPETS / 'drive_neovim.lua'}"]


def emacs(snippet: str, _: Bank) -> list[str]:
    package = Path(snippet).stem
    _need("emacs")
    packages = ["--batch", "-q", "--eval", "(package-initialize)"]
    known = ["emacs", *packages, "--eval", f'(unless (locate-library "{package}") (kill-emacs 9))']
    if subprocess.run(known, capture_output=True, check=False).returncode == 9:
        pytest.skip(f"emacs has no {package} here")
    return ["emacs", *packages, "-l", snippet, "-l", str(SNIPPETS / f"drive_{package}.el")]


def _need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


@pytest.mark.timeout(200)
@pytest.mark.parametrize("action", [LOAD, WRITE])
@pytest.mark.parametrize(
    ("command", "snippet"), [(neovim, "neovim-0.7.lua"), (emacs, "eglot.el"), (emacs, "lsp-mode.el")]
)
def test_a_code_action_in_a_real_editor(
    machine: dict[str, str],
    bank: Bank,
    tmp_path: Path,
    command: Callable[[str, Bank], list[str]],
    snippet: str,
    action: str,
) -> None:
    arguments = command(str(SNIPPETS / snippet), bank)
    run_dir = bank.root / ".tunesmith" / "runs" / leave_finished_run(bank, instruction=INSTRUCTION)
    subprocess.run(["git", "init", "-q"], cwd=bank.root, check=True)  # how some editors know a project
    told, home = tmp_path / "told.json", tmp_path / "home"
    home.mkdir()
    environment = {
        **machine,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{machine['PATH']}",
        "HOME": str(home),
        **{f"XDG_{kind}_HOME": str(home) for kind in ("DATA", "CONFIG", "STATE", "CACHE")},
        "OPENED": str(bank.source),
        "LINE": "program = Sorter()",
        "ACTION": action,
        "TOLD": str(told),
        "SCRATCH": str(tmp_path),
    }
    ran = subprocess.run(
        arguments, cwd=bank.root, env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert told.exists(), ran.stdout + ran.stderr
    found = json.loads(told.read_text(encoding="utf-8"))
    assert "gave_up" not in found, found
    assert [one.partition(" (")[0] for one in found["actions"]] == [LOAD, f"{WRITE} into the source"]
    if "message" in found:
        assert found["message"].startswith("triage can be improved: 50 % → 100 %")
        assert found["lenses"][:2] == ["Tune", "Evaluate"]
    else:
        assert [one for one in found["left"] if one.startswith(action)] == []
    assert (bank.root / "compiled" / "triage.json").exists() is (action == LOAD)
    assert dump_state(bank) == artifact_state({"run_dir": run_dir})
