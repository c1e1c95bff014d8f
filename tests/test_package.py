"""The distribution: what a wheel puts into site-packages, and what importing costs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), "--installer", "uv", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_only_top_level_name(wheel: zipfile.ZipFile) -> None:
    names = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"tunesmith"}


def test_three_packages_and_no_namespace_init(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert "tunesmith/__init__.py" not in names
    for package in ("protocol", "server", "optim"):
        assert f"tunesmith/{package}/__init__.py" in names
        assert f"tunesmith/{package}/py.typed" in names


def test_example_workspace_ships(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert any(name.startswith("tunesmith/server/demo/workspace/") and name.endswith(".jsonl") for name in names)


def test_known_configurations_ship(wheel: zipfile.ZipFile) -> None:
    assert "tunesmith/optim/finetune/base_models/configs/t5-11b.json" in wheel.namelist()


HEAVY = ("dspy", "torch", "transformers", "litellm", "numpy", "optuna")


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import tunesmith.server.daemon.listening", (*HEAVY, "filelock", "platformdirs")),
        ("import tunesmith.server.lsp.server", HEAVY),
        ("import tunesmith.server.cli", (*HEAVY, "pygls", "rich", "msgspec")),
        (
            "import tunesmith.server.serve_editor, tunesmith.server.client.forward",
            (*HEAVY, "pygls", "msgspec", "anyio", "rich"),
        ),
        ("import tunesmith.optim", ("dspy", "litellm", "numpy", "optuna")),
        ("import tunesmith.optim.worker.execute", ("torch", "transformers", "peft", "accelerate")),
        ("from tunesmith.optim import BootstrapFinetune, load_student", ("torch", "transformers", "peft")),
    ],
)
def test_import_stays_light(statement: str, forbidden: tuple[str, ...]) -> None:
    code = f"{statement}\nimport sys\nprint([name for name in {forbidden!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
