"""Where an order's model comes from."""

from pathlib import Path

import pytest

from tunesmith.protocol.session_messages import StartRun
from tunesmith.server.runs.spec import build_spec
from tunesmith.server.workspace.workspace import Workspace


@pytest.mark.parametrize(
    ("request_", "target", "settings", "got"),
    [
        (None, None, None, None),
        (None, None, "hub/set", "hub/set"),
        (None, "hub/own", "hub/set", "hub/own"),
        ("hub/asked", "hub/own", "hub/set", "hub/asked"),
    ],
)
def test_the_nearest_to_the_request_wins(
    request_: str | None, target: str | None, settings: str | None, got: str | None, tmp_path: Path
) -> None:
    written = {"[tool.tunesmith]": settings, '[tool.tunesmith.targets.t]\nprogram = "a:p"': target}
    text = "".join(f"{head}\n{f'model = {model!r}' if model else ''}\n" for head, model in written.items())
    (tmp_path / "pyproject.toml").write_text(text)
    spec = build_spec(
        StartRun(root=str(tmp_path), target="t", model=request_),
        Workspace(tmp_path).snapshot(),
        run_id="r",
        run_dir=tmp_path / "r",
        root=tmp_path,
        interpreter="python",
        reuse_from=None,
    )
    assert spec.model == got
