"""One session, over its wire: what it offers whom, what it answers, and what it survives."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from support.clients.session_client import actions, change_document, connect, initialize, open_document
from support.runs.finished_run import leave_finished_run, source_with
from support.workspaces.bank_workspace import Bank
from tunesmith.protocol.session_messages import (
    ApplyParams,
    Empty,
    PathParams,
    RootParams,
    ShowRun,
    StartRun,
    WatchRun,
)
from tunesmith.server.client.daemon_client import DaemonRefused
from tunesmith.server.daemon.daemon import Daemon
from tunesmith.server.index.report import index_report

INVALID_PARAMS = -32602
METHOD_NOT_FOUND = -32601
CONTENT_MODIFIED = -32801
REQUEST_FAILED = -32803


def capabilities_of(editor: str) -> dict[str, Any]:
    """As the editor sends them."""
    file = resources.files("pytest_lsp.clients") / f"{editor}.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))["capabilities"])


VSCODE = capabilities_of("visual_studio_code_v1.65.2")
NEOVIM = capabilities_of("neovim_v0.11.0")
EMACS = capabilities_of("emacs_v29.1")
HALF_WAY = capabilities_of("visual_studio_code_v1.65.2")
"""May stop in the middle of an edit."""
del HALF_WAY["workspace"]["workspaceEdit"]["failureHandling"]


@pytest.mark.parametrize(
    ("capabilities", "pulls", "resolves", "hints", "encoding"),
    [
        (VSCODE, False, True, False, "utf-16"),
        (NEOVIM, True, False, True, "utf-8"),
        (EMACS, False, False, True, "utf-32"),
        (HALF_WAY, False, False, False, "utf-16"),
    ],
    ids=["vscode", "neovim", "emacs", "half-way"],
)
async def test_it_offers_what_the_client_can_use(
    daemon: Daemon, bank: Bank, capabilities: dict[str, Any], pulls: bool, resolves: bool, hints: bool, encoding: str
) -> None:
    async with connect(daemon) as client:
        offered = await initialize(client, bank.root, capabilities)
    assert ("diagnosticProvider" in offered) is pulls
    assert ("inlayHintProvider" in offered) is hints
    assert "inlineCompletionProvider" not in offered
    assert offered["codeActionProvider"]["resolveProvider"] is resolves
    assert offered["positionEncoding"] == encoding
    assert "hoverProvider" not in offered
    assert "completionProvider" not in offered


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"id": 1, "method": "textDocument/codeLens", "params": {"x": 1}}, INVALID_PARAMS),
        ({"id": 1, "method": "tunesmith/index", "params": {"root": 3}}, INVALID_PARAMS),
        ({"id": 1, "method": "tunesmith/index"}, INVALID_PARAMS),
        ({"id": 1, "method": "tunesmith/none", "params": {}}, METHOD_NOT_FOUND),
        ({"id": 1, "method": "workspace/executeCommand", "params": {"command": "tunesmith.tune"}}, INVALID_PARAMS),
        (
            {"id": 1, "method": "workspace/executeCommand", "params": {"command": "none", "arguments": [{}]}},
            INVALID_PARAMS,
        ),
    ],
)
async def test_a_request_that_makes_no_sense_is_answered(
    daemon: Daemon, bank: Bank, body: dict[str, Any], code: int
) -> None:
    async with connect(daemon) as client:
        await initialize(client, bank.root, VSCODE)
        with pytest.raises(DaemonRefused) as refused:
            await client.send(body["method"], body.get("params"))
        assert refused.value.code == code
        await client.request("tunesmith/status", Empty())


@pytest.mark.parametrize(
    "junk",
    [
        b"Content-Length: 5\r\n\r\nhello",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 4\r\n\r\nnull",
        b'Content-Length: 17\r\n\r\n{"jsonrpc":"2.0"}',
        b'Content-Length: 17\r\n\r\n{"jsonrpc":"1.0"}',
        b"Content-Length: none\r\n\r\n",
        b"\r\n\r\n",
        b"Content-Length: 3\r\n\r\n\xff\xfe\xfd",
    ],
)
async def test_junk_does_not_end_the_session(daemon: Daemon, junk: bytes) -> None:
    async with connect(daemon) as client:
        client._writer.write(junk)
        status = await client.request("tunesmith/status", Empty())
    assert status.sessions == 1


async def test_exit_ends_this_session_only(daemon: Daemon) -> None:
    async with connect(daemon) as one, connect(daemon) as other:
        one.notify("exit")
        assert [notification async for notification in one.notifications()] == []
        assert (await other.request("tunesmith/status", Empty())).sessions == 1


@pytest.mark.parametrize(
    ("capabilities", "column"),
    [(VSCODE, 10), (NEOVIM, 12), (EMACS, 9)],
    ids=["utf-16", "utf-8", "utf-32"],
)
async def test_positions_are_the_clients(daemon: Daemon, bank: Bank, capabilities: dict[str, Any], column: int) -> None:
    leave_finished_run(bank)
    bank.source.write_text(source_with(bank, "n = '😀'; "), encoding="utf-8")
    async with connect(daemon) as client:
        offered = await initialize(client, bank.root, capabilities)
        document = open_document(client, bank.source)
        if "diagnosticProvider" in offered:
            report = await client.send("textDocument/diagnostic", {"textDocument": document})
            diagnostics = report["items"]
        else:
            diagnostics = (await published(client))["diagnostics"]
    (improvement,) = [one for one in diagnostics if one["code"] == "improvement-available"]
    assert improvement["range"]["start"]["character"] == column


async def published(client: Any) -> dict[str, Any]:
    async for notification in client.notifications():
        if notification.method == "textDocument/publishDiagnostics":
            return dict(notification.params)
    raise AssertionError("the session ended")


async def test_an_edit_is_one_versioned_change_where_the_client_takes_it(daemon: Daemon, bank: Bank) -> None:
    leave_finished_run(bank)
    async with connect(daemon) as client:
        await initialize(client, bank.root, VSCODE)
        document = open_document(client, bank.source)
        load = next(one for one in await actions(client, document) if one["title"].startswith("Load"))
        assert "edit" not in load
        resolved = await client.send("codeAction/resolve", load)
    create, new, source = resolved["edit"]["documentChanges"]
    assert (create["kind"], create["uri"]) == ("create", (bank.root / "compiled" / "triage.json").as_uri())
    assert json.loads(new["edits"][0]["newText"])["sort"]["demos"]
    assert source["textDocument"] == {"uri": bank.source.as_uri(), "version": 1}
    assert any("program.load(" in edit["newText"] for edit in source["edits"])


@pytest.mark.parametrize("capabilities", [NEOVIM, EMACS, HALF_WAY], ids=["neovim", "emacs", "half-way"])
async def test_a_command_applies_it_elsewhere(daemon: Daemon, bank: Bank, capabilities: dict[str, Any]) -> None:
    leave_finished_run(bank)
    applied: list[dict[str, Any]] = []

    async def apply(params: dict[str, Any]) -> dict[str, bool]:
        applied.append(params["edit"])
        return {"applied": True}

    async with connect(daemon) as client:
        client.answer("workspace/applyEdit", apply)
        await initialize(client, bank.root, capabilities)
        document = open_document(client, bank.source)
        load = next(one for one in await actions(client, document) if one["title"].startswith("Load"))
        await pick(client, load)
    assert (bank.root / "compiled" / "triage.json").exists()
    (edit,) = applied
    versioned = bool(capabilities["workspace"]["workspaceEdit"].get("documentChanges"))
    assert ("documentChanges" in edit) is versioned
    assert ("changes" in edit) is not versioned


NEW = 'Say "cash" or "card".\n\nNothing else.'


def move_the_signature(bank: Bank) -> Path:
    """Into a file of its own, which it returns."""
    text = bank.source.read_text(encoding="utf-8")
    start, end = text.index("class Triage"), text.index("class Sorter")
    signatures = bank.root / "bank" / "signatures.py"
    signatures.write_text(f"from typing import Literal\n\nimport dspy\n\n\n{text[start:end].rstrip()}\n")
    bank.source.write_text(f"{text[:start]}from bank.signatures import Triage\n\n\n{text[end:]}")
    return signatures


@pytest.mark.parametrize(("capabilities", "opened"), [(VSCODE, True), (VSCODE, False), (NEOVIM, True), (EMACS, False)])
async def test_an_edit_may_reach_several_files(
    daemon: Daemon, bank: Bank, capabilities: dict[str, Any], opened: bool
) -> None:
    """Both in one change; the program is then the artifact's, and nothing is offered any more."""
    signatures = move_the_signature(bank)
    leave_finished_run(bank, instruction=NEW)
    applied: list[dict[str, Any]] = []

    async def apply(params: dict[str, Any]) -> dict[str, bool]:
        applied.append(params["edit"])
        return {"applied": True}

    async with connect(daemon) as client:
        client.answer("workspace/applyEdit", apply)
        await initialize(client, bank.root, capabilities)
        document = open_document(client, bank.source)
        if opened:
            open_document(client, signatures)
        (write,) = [one for one in await actions(client, document) if one["title"].startswith("Write")]
        assert write["title"] == "Write the new instruction and 1 demo into the source (50 % → 100 %, confirmed)"
        if "command" in write:
            await pick(client, write)
            (edit,) = applied
        else:
            edit = (await client.send("codeAction/resolve", write))["edit"]
        changes = edit.get("changes") or {one["textDocument"]["uri"]: one["edits"] for one in edit["documentChanges"]}
        assert list(changes) == [signatures.as_uri(), bank.source.as_uri()]
        if "documentChanges" in edit:
            versions = [one["textDocument"]["version"] for one in edit["documentChanges"]]
            assert versions == [1 if opened else None, 1]
        for path in (signatures, bank.source):
            text = with_edits(path.read_text(encoding="utf-8"), changes[path.as_uri()])
            if opened or path == bank.source:
                change_document(client, path, text, version=2)
                await client.send("textDocument/codeLens", {"textDocument": {"uri": path.as_uri()}})
            path.write_text(text, encoding="utf-8")
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": signatures.as_uri(), "type": 2}]})
        left = await actions(client, document)
    assert 'program = Sorter()\nprogram.sort.demos = [{"augmented": True' in bank.source.read_text(encoding="utf-8")
    assert '    """Say "cash" or "card".\n\n    Nothing else.\n    """\n' in signatures.read_text(encoding="utf-8")
    assert [one["title"].partition(" (")[0] for one in left] == ["Load the compiled program"]
    assert left[0]["kind"] == "refactor.rewrite"


def with_edits(text: str, edits: list[dict[str, Any]]) -> str:
    """LSP edits of an ASCII text."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for edit in sorted(edits, key=lambda one: one["range"]["start"]["line"], reverse=True):
        start, end = (starts[at["line"]] + at["character"] for at in (edit["range"]["start"], edit["range"]["end"]))
        text = text[:start] + edit["newText"] + text[end:]
    return text


@pytest.mark.parametrize("capabilities", [VSCODE, EMACS], ids=["vscode", "emacs"])
async def test_a_document_that_changed_meanwhile_is_left_alone(
    daemon: Daemon, bank: Bank, capabilities: dict[str, Any]
) -> None:
    leave_finished_run(bank)
    async with connect(daemon) as client:
        await initialize(client, bank.root, capabilities)
        document = open_document(client, bank.source)
        load = next(one for one in await actions(client, document) if one["title"].startswith("Load"))
        change_document(client, bank.source, source_with(bank, "pass; "), version=2)
        with pytest.raises(DaemonRefused) as refused:
            await pick(client, load)
    assert refused.value.code == CONTENT_MODIFIED
    assert not (bank.root / "compiled").exists()


async def pick(client: Any, action: dict[str, Any]) -> None:
    if "command" in action:
        command = {"command": action["command"]["command"], "arguments": action["command"]["arguments"]}
        await client.send("workspace/executeCommand", command)
    else:
        await client.send("codeAction/resolve", action)


async def test_kinds_that_were_not_asked_for_stay_away(daemon: Daemon, bank: Bank) -> None:
    leave_finished_run(bank)
    async with connect(daemon) as client:
        await initialize(client, bank.root, VSCODE)
        document = open_document(client, bank.source)
        assert await actions(client, document, only=["quickfix"])
        assert await actions(client, document, only=["source"]) == []


async def test_each_client_sees_its_own_text(daemon: Daemon, bank: Bank) -> None:
    source = bank.source.read_text(encoding="utf-8")
    async with connect(daemon) as one, connect(daemon) as other:
        for client, text in ((one, source), (other, f"\n\n{source}")):
            await initialize(client, bank.root, VSCODE)
            open_document(client, bank.source, text)
        lines = [await lens_line(client, bank) for client in (one, other, one)]
    assert lines[1] == lines[0] + 2
    assert lines[2] == lines[0]


async def lens_line(client: Any, bank: Bank) -> int:
    lenses = await client.send("textDocument/codeLens", {"textDocument": {"uri": bank.source.as_uri()}})
    return int(lenses[0]["range"]["start"]["line"])


async def test_unsaved_text_is_forgotten_with_its_session(daemon: Daemon, bank: Bank) -> None:
    async with connect(daemon) as editor, connect(daemon) as terminal:
        await initialize(editor, bank.root, VSCODE)
        open_document(editor, bank.source, "import dspy\n")
        assert await editor.send("textDocument/codeLens", {"textDocument": {"uri": bank.source.as_uri()}}) is None
        assert [one.name for one in await modules(terminal, bank)] == []
        editor.notify("exit")
        _ = [notification async for notification in editor.notifications()]  # to its end
        assert [one.name for one in await modules(terminal, bank)] == ["Sorter"]


async def modules(client: Any, bank: Bank) -> list[Any]:
    return list((await client.request("tunesmith/index", PathParams(root=str(bank.root)))).modules)


async def test_the_command_lines_questions(daemon: Daemon, bank: Bank) -> None:
    run_id, root = leave_finished_run(bank), str(bank.root)
    async with connect(daemon) as client:
        targets = await client.request("tunesmith/targets", RootParams(root=root))
        runs = await client.request("tunesmith/listRuns", RootParams(root=root))
        detail = await client.request("tunesmith/showRun", ShowRun(root=root, run_id=run_id))
        check = await client.request("tunesmith/check", PathParams(root=root))
        part = await client.request(
            "tunesmith/index", PathParams(root=root, path=str(bank.root / "bank" / "metric.py"))
        )
        await client.request("tunesmith/watchRun", WatchRun(root=root, run_id=run_id, after=1))
        heard = client.notifications()
        told = [(await anext(heard)).params["record"]["event"]["status"] for _ in range(2)]
    assert [target.name for target in targets.targets] == ["triage"]
    assert [run.run_id for run in runs.runs] == [run_id]
    assert detail.summary.report.gain.verdict == "confirmed"
    assert [finding.rule for finding in check.findings] == ["improvement-available"]
    assert part.modules == []
    assert told == ["running", "finished"]


@pytest.mark.parametrize("form", ["load", "demos"])
async def test_apply_from_a_terminal(daemon: Daemon, bank: Bank, form: Any) -> None:
    run_id, before = leave_finished_run(bank), bank.source.read_text(encoding="utf-8")
    asked = ApplyParams(root=str(bank.root), run_id=run_id, form=form)
    async with connect(daemon) as client:
        shown = await client.request("tunesmith/apply", asked)
        assert bank.source.read_text(encoding="utf-8") == before
        written = await client.request(
            "tunesmith/apply", ApplyParams(root=str(bank.root), run_id=run_id, form=form, write=True)
        )
    assert shown.diff == written.diff
    assert "+" in shown.diff
    assert (shown.written, written.written) == (False, True)
    assert "bank/triage.py" in written.files
    assert (bank.root / "compiled" / "triage.json").exists() is (form == "load")
    assert bank.source.read_text(encoding="utf-8") != before


@pytest.mark.parametrize(("predictor", "demos"), [(None, True), ("sort", False)])
async def test_apply_instructions_from_a_terminal(
    daemon: Daemon, bank: Bank, predictor: str | None, demos: bool
) -> None:
    signatures = move_the_signature(bank)
    run_id = leave_finished_run(bank, instruction=NEW)
    asked = ApplyParams(root=str(bank.root), run_id=run_id, form="instructions", predictor=predictor, write=True)
    async with connect(daemon) as client:
        written = await client.request("tunesmith/apply", asked)
        again = await client.request("tunesmith/apply", asked)
    assert written.files == ["bank/signatures.py", *(["bank/triage.py"] if demos else [])]
    assert "+++ b/bank/signatures.py" in written.diff
    assert (again.files, again.diff) == ([], "")
    assert "Nothing else." in signatures.read_text(encoding="utf-8")
    assert (".demos = " in bank.source.read_text(encoding="utf-8")) is demos


@pytest.mark.parametrize(
    ("form", "predictor", "reason"),
    [
        ("load", "sort", "one predictor alone"),
        ("instructions", "find", "does not change the instruction of find. It changes: sort."),
        ("demos", None, "demos alone do not carry that"),
    ],
)
async def test_what_cannot_be_applied_says_why(
    daemon: Daemon, bank: Bank, form: Any, predictor: str | None, reason: str
) -> None:
    run_id = leave_finished_run(bank, instruction=NEW)
    async with connect(daemon) as client:
        with pytest.raises(DaemonRefused, match=reason):
            await client.request(
                "tunesmith/apply",
                ApplyParams(root=str(bank.root), run_id=run_id, form=form, predictor=predictor, write=True),
            )


async def test_nothing_is_written_where_one_file_is_unsaved(daemon: Daemon, bank: Bank) -> None:
    signatures = move_the_signature(bank)
    run_id, before = leave_finished_run(bank, instruction=NEW), signatures.read_text(encoding="utf-8")
    async with connect(daemon) as editor, connect(daemon) as terminal:
        await initialize(editor, bank.root, VSCODE)
        open_document(editor, bank.source, source_with(bank, "pass; "))
        await lens_line(editor, bank)
        with pytest.raises(DaemonRefused, match="unsaved"):
            await terminal.request(
                "tunesmith/apply", ApplyParams(root=str(bank.root), run_id=run_id, form="instructions", write=True)
            )
    assert signatures.read_text(encoding="utf-8") == before


async def test_a_terminal_does_not_write_what_an_editor_has_not_saved(daemon: Daemon, bank: Bank) -> None:
    run_id = leave_finished_run(bank)
    async with connect(daemon) as editor, connect(daemon) as terminal:
        await initialize(editor, bank.root, VSCODE)
        open_document(editor, bank.source, source_with(bank, "pass; "))
        await lens_line(editor, bank)
        with pytest.raises(DaemonRefused, match="unsaved"):
            await terminal.request(
                "tunesmith/apply", ApplyParams(root=str(bank.root), run_id=run_id, form="load", write=True)
            )
    assert not (bank.root / "compiled").exists()


async def test_nothing_runs_in_an_untrusted_workspace(daemon: Daemon, bank: Bank) -> None:
    async with connect(daemon) as client:
        await initialize(client, bank.root, VSCODE, trusted=False)
        order = StartRun(root=str(bank.root), target="triage", optimizer="evaluate")
        with pytest.raises(DaemonRefused, match="not trusted") as refused:
            await client.request("tunesmith/startRun", order)
    assert refused.value.code == REQUEST_FAILED
    assert refused.value.error.next_step is not None
    assert not (bank.root / ".tunesmith").exists()


async def test_an_unknown_target_names_the_known(daemon: Daemon, bank: Bank) -> None:
    async with connect(daemon) as client:
        order = StartRun(root=str(bank.root), target="triag", optimizer="evaluate")
        with pytest.raises(DaemonRefused, match="Did you mean `triage`"):
            await client.request("tunesmith/startRun", order)


async def test_a_file_outside_the_clients_folders_has_a_root_of_its_own(
    daemon: Daemon, bank: Bank, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    async with connect(daemon) as client:
        await initialize(client, tmp_path / "elsewhere", VSCODE)
        open_document(client, bank.source)
        assert await lens_line(client, bank) > 0


async def test_a_new_file_is_seen_when_the_client_tells(daemon: Daemon, bank: Bank) -> None:
    async with connect(daemon) as client:
        await initialize(client, bank.root, VSCODE)
        open_document(client, bank.source)
        await lens_line(client, bank)
        new = bank.root / "bank" / "new.py"
        new.write_text("import dspy\n\nclass New(dspy.Module):\n    pass\n", encoding="utf-8")
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": new.as_uri(), "type": 1}]})
        await lens_line(client, bank)
        report = index_report((await daemon.folders.workspace(bank.root)).index.view, None)
    assert [one.name for one in report.modules] == ["New", "Sorter"]
