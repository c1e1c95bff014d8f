"""`tunesmith ui`: which page its link opens."""

import io
import json
from pathlib import Path

import pytest

from support.page_runs import leave_bootstrap_run
from tunesmith.server.cli import ui
from tunesmith.server.cli.dispatch import parse
from tunesmith.server.cli.errors import UsageError
from tunesmith.server.results_page.bundle import PageFile


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(ui, "read_bundle", lambda: {"/": PageFile(b"", "text/html")})
    leave_bootstrap_run(tmp_path, "20260101-000000-aaaa")
    return tmp_path


@pytest.mark.parametrize(("run", "ending"), [(None, ""), ("latest", "&run=20260101-000000-aaaa"), ("aaaa", "-aaaa")])
def test_link(root: Path, run: str | None, ending: str) -> None:
    page, link = ui.start(root, run, 0)
    page.stop()
    assert link.startswith(f"http://127.0.0.1:{page.native.server_port}/#token={page.access.token}")
    assert link.endswith(ending)


def test_an_unknown_run_starts_nothing(root: Path) -> None:
    with pytest.raises(UsageError, match="no run 'bbbb'"):
        ui.start(root, "bbbb", 0)


@pytest.mark.parametrize("port", ["taken", 99_999])
def test_a_port_that_cannot_be_had(root: Path, port: int | str) -> None:
    page, _ = ui.start(root, None, 0)
    try:
        with pytest.raises(UsageError, match="Leave --port out"):
            ui.start(root, None, page.native.server_port if port == "taken" else int(port))
    finally:
        page.stop()


def test_ends_with_its_standard_input(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    words = ["ui", "--root", str(root), "--no-browser", "--json", "--until-stdin-ends"]
    assert ui.run(parse(words)) == 0
    assert json.loads(capsys.readouterr().out)["link"].startswith("http://127.0.0.1:")


def test_options() -> None:
    options = parse(["ui", "latest", "--no-browser", "--port", "8123", "--root", "."])
    assert (options.verb, options.run, options.no_browser, options.port) == ("ui", "latest", True, 8123)
    assert parse(["ui"]).run is None
