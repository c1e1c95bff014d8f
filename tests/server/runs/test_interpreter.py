"""Which Python runs a workspace's programs."""

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tunesmith.server.errors import InterpreterUnusable
from tunesmith.server.runs.interpreter import choose_interpreter
from tunesmith.server.runs.probe import probe_interpreter

FIT = 'PROBE {"python": [3, 12], "missing": []}'
UNFIT = 'PROBE {"python": [3, 12], "missing": ["dspy"]}'


def a_python(path: Path, probe: str = FIT) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{probe}'\n")
    path.chmod(0o755)
    return str(path)


def remove(paths: Iterable[str]) -> None:
    for path in paths:
        Path(path).unlink()


@pytest.fixture
def everywhere(tmp_path: Path, root: Path) -> dict[str, str]:
    """An interpreter in every place, by name."""
    return {
        "asked": a_python(tmp_path / "asked" / "python"),
        "configured": a_python(root / "tools" / "python"),
        ".venv": a_python(root / ".venv" / "bin" / "python"),
        "venv": a_python(root / "venv" / "bin" / "python"),
        "active": a_python(tmp_path / "active" / "bin" / "python"),
        "path": a_python(tmp_path / "path" / "python3"),
    }


ORDER = ["asked", "configured", ".venv", "venv", "active", "path"]


@pytest.mark.parametrize("best", ORDER)
async def test_the_first_of_the_places_wins(best: str, everywhere: dict[str, str], root: Path, tmp_path: Path) -> None:
    remove(everywhere[name] for name in ORDER[: ORDER.index(best)])
    chosen = await choose_interpreter(
        root,
        requested=everywhere["asked"] if best == "asked" else None,
        configured="tools/python" if best in ("asked", "configured") else None,
        environment={"VIRTUAL_ENV": str(tmp_path / "active"), "PATH": str(tmp_path / "path")},
    )
    assert chosen.path == everywhere[best]
    assert chosen.reason


async def test_a_link_into_a_virtual_environment_is_not_followed(root: Path) -> None:
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    chosen = await choose_interpreter(root, requested=None, configured=None, environment={})
    assert chosen.path == str(root / ".venv" / "bin" / "python")


async def test_a_bare_name_is_looked_up_on_the_client_s_path(root: Path, tmp_path: Path) -> None:
    python = a_python(tmp_path / "path" / "python3.12")
    chosen = await choose_interpreter(
        root, requested="python3.12", configured=None, environment={"PATH": str(tmp_path / "path")}
    )
    assert chosen.path == python


@pytest.mark.parametrize("asked", ["/nowhere/python", "tools/absent", "python9"])
async def test_one_that_was_asked_for_and_is_not_there_is_an_error(asked: str, root: Path) -> None:
    (root / ".venv" / "bin").mkdir(parents=True)
    a_python(root / ".venv" / "bin" / "python")
    for place in ("requested", "configured"):
        chosen = {"requested": None, "configured": None, place: asked}
        with pytest.raises(InterpreterUnusable, match="no executable file") as caught:
            await choose_interpreter(root, **chosen, environment={"PATH": ""})
        assert asked in str(caught.value)


@pytest.mark.parametrize(
    ("on_path", "own_is_fit", "expected"),
    [(FIT, True, "path"), (UNFIT, True, "own"), (UNFIT, False, "path"), (None, True, "own"), (None, False, None)],
)
async def test_the_client_s_python_or_our_own(
    on_path: str | None,
    own_is_fit: bool,
    expected: str | None,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tunesmith.server.runs.interpreter._own_is_fit", lambda: own_is_fit)
    python = a_python(tmp_path / "path" / "python3", on_path) if on_path else None
    environment = {"PATH": str(tmp_path / "path")}
    if expected is None:
        with pytest.raises(InterpreterUnusable, match="No Python interpreter was found"):
            await choose_interpreter(root, requested=None, configured=None, environment=environment)
        return
    chosen = await choose_interpreter(root, requested=None, configured=None, environment=environment)
    assert chosen.path == (python if expected == "path" else sys.executable)


async def test_the_real_thing_is_probed_as_fit(root: Path) -> None:
    probe = await probe_interpreter(sys.executable, {})
    assert probe is not None
    assert probe.is_fit
    assert probe.python == sys.version_info[:2]
