"""The whole way, in three editors and over both transports: lens, run, progress, diagnostic, edit, equal programs."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from e2e.conftest import OpenEditor
from support.clients.editor import TIMEOUT, Editor
from support.runs.finished_run import leave_finished_run
from support.workspaces.bank_workspace import Bank
from tunesmith.protocol.session_messages import RootParams
from tunesmith.server.client.daemon_client import DaemonClient

EDITORS = ["visual-studio-code", "neovim", "emacs"]

HINT = "instruction, 1 demo · +50 (20 to 70)"
PRINT_STATE = """
import json, sys
sys.path.insert(0, '.')
from bank.triage import program
print(json.dumps(program.dump_state(), default=str))
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("standalone", [True, False], ids=["standalone", "daemon"])
@pytest.mark.parametrize("client", EDITORS)
async def test_tune_and_apply(open_editor: OpenEditor, bank: Bank, client: str, standalone: bool) -> None:
    editor = await open_editor(client, standalone=standalone)
    uri = editor.open(bank.source)

    started = await editor.execute(await lens(editor, uri, "tunesmith.tune"))
    end = await ended(editor)
    assert end.message == "finished"
    found = await improvement(editor, uri)
    assert found.range.start.line == line_of(bank, "program = Sorter()")
    assert found.message.startswith("triage can be improved: 50 % → 100 %")

    assert "confirmed" in (await lens(editor, uri, "tunesmith.showRun")).title
    (action, *_) = [one for one in await editor.actions(uri) if "Load the compiled program" in one.title]
    await pick(editor, action)
    assert editor.apply_count == 1
    editor.save(uri)
    assert dump_state(bank) == artifact_state(started)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("client", EDITORS)
async def test_write_an_instruction_into_the_source(open_editor: OpenEditor, bank: Bank, client: str) -> None:
    run_dir = bank.root / ".tunesmith" / "runs" / leave_finished_run(bank, instruction='Say:\n\n  "cash" or "card"')
    editor = await open_editor(client)
    uri = editor.open(bank.source)
    (action,) = [one for one in await editor.actions(uri) if "new instruction and 1 demo" in one.title]
    assert await hint_labels(editor, uri) == ([f"apply: {HINT}"] if editor.shows_hints else [])
    await pick(editor, action)
    assert editor.apply_count == 1
    assert await hint_labels(editor, uri) == ([HINT] if editor.shows_hints else [])
    editor.save(uri)
    assert '    """\n    Say:\n\n      "cash" or "card"\n    """\n' in bank.source.read_text(encoding="utf-8")
    assert dump_state(bank) == artifact_state({"run_dir": run_dir})


@pytest.mark.timeout(300)
@pytest.mark.parametrize("client", EDITORS)
async def test_cancel_in_the_progress_bar(open_editor: OpenEditor, bank: Bank, client: str) -> None:
    bank.slow_down(0.2)
    editor = await open_editor(client)
    uri = editor.open(bank.source)
    started = await editor.execute(await lens(editor, uri, "tunesmith.evaluate"))
    token: int | str = await editor.until(lambda: working(editor))
    editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=token))
    assert (await ended(editor)).message == "cancelled"
    assert editor.messages == []
    async with DaemonClient.connect() as terminal:
        listed = await terminal.request("tunesmith/listRuns", RootParams(root=str(bank.root)))
    assert [(run.run_id, run.status) for run in listed.runs] == [(started["run_id"], "cancelled")]
    assert bank.calls() < 20


@pytest.mark.timeout(300)
async def test_a_run_outlives_its_window(open_editor: OpenEditor, bank: Bank, machine: dict[str, str]) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def answer(_: asyncio.StreamReader, model: asyncio.StreamWriter) -> None:
        reached.set()
        await go_on.wait()
        model.write(b".")
        model.close()

    place = Path(machine["TUNESMITH_RUNTIME"]) / "model.sock"
    bank.ask_before_answering(place)
    async with await asyncio.start_unix_server(answer, place):
        first = await open_editor("visual-studio-code")
        await first.execute(await lens(first, first.open(bank.source), "tunesmith.evaluate"))
        await asyncio.wait_for(reached.wait(), TIMEOUT)
        await first.leave()
        second = await open_editor("neovim")
        await second.until(lambda: second.progress_reports)
        go_on.set()
        assert (await ended(second)).message == "finished"
    assert (await lens(second, second.open(bank.source), "tunesmith.showRun")).title.startswith("50 %")


@pytest.mark.timeout(300)
async def test_a_run_that_fails_says_why(open_editor: OpenEditor, bank: Bank) -> None:
    bank.source.write_text(bank.source.read_text(encoding="utf-8") + "\nraise RuntimeError('out of coffee')\n")
    editor = await open_editor("visual-studio-code")
    uri = editor.open(bank.source)
    await editor.execute(await lens(editor, uri, "tunesmith.tune"))
    assert (await ended(editor)).message == "failed"
    (message,) = await editor.until(lambda: editor.messages)
    assert message.type == types.MessageType.Error
    assert "out of coffee" in message.message
    assert f"triage.py:{len(bank.source.read_text(encoding='utf-8').splitlines())}" in message.message


async def test_nothing_runs_in_an_untrusted_window(open_editor: OpenEditor, bank: Bank) -> None:
    editor = await open_editor("visual-studio-code", trusted=False)
    uri = editor.open(bank.source)
    with pytest.raises(JsonRpcException, match="not trusted"):
        await editor.execute(await lens(editor, uri, "tunesmith.tune"))
    assert bank.calls() == 0


def working(editor: Editor) -> int | str | None:
    """The bar of a run that calls its model."""
    for token, reports in editor.progress_reports.items():
        if any(isinstance(one, types.WorkDoneProgressReport) for one in reports):
            return token
    return None


async def lens(editor: Editor, uri: str, command: str) -> types.Command:
    commands = [lens.command for lens in await editor.lenses(uri) if lens.command and lens.command.command == command]
    assert commands, f"no lens runs {command}"
    return commands[0]


async def ended(editor: Editor) -> types.WorkDoneProgressEnd:
    """The end of the only progress bar."""

    def end() -> types.WorkDoneProgressEnd | None:
        reports: list[object] = [report for reports in editor.progress_reports.values() for report in reports]
        return next((one for one in reports if isinstance(one, types.WorkDoneProgressEnd)), None)

    return await editor.until(end)


async def improvement(editor: Editor, uri: str) -> types.Diagnostic:
    """Asked for where the client asks, waited for where it is told."""
    if editor.pulls:
        return next(one for one in await editor.pull(uri) if one.code == "improvement-available")

    def found() -> types.Diagnostic | None:
        return next((one for one in editor.diagnostics.get(uri, ()) if one.code == "improvement-available"), None)

    return await editor.until(found)


async def hint_labels(editor: Editor, uri: str) -> list[object]:
    return [one.label for one in await editor.hints(uri)] if editor.shows_hints else []


async def pick(editor: Editor, action: types.CodeAction | types.Command) -> None:
    if isinstance(action, types.Command):
        await editor.execute(action)
    elif action.command is not None:
        await editor.execute(action.command)
    else:
        resolved = await editor.code_action_resolve_async(action)
        assert resolved.edit is not None
        assert editor.apply(resolved.edit)


def line_of(bank: Bank, start: str) -> int:
    lines = bank.source.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines) if line.startswith(start))


def dump_state(bank: Bank) -> Any:
    """Of the program the workspace's code gives now."""
    ran = subprocess.run([sys.executable, "-c", PRINT_STATE], cwd=bank.root, capture_output=True, text=True, check=True)
    return without_lms(json.loads(ran.stdout))


def artifact_state(started: Any) -> Any:
    text = (Path(started["run_dir"]) / "program.json").read_text(encoding="utf-8")
    return without_lms(json.loads(text))


def without_lms(state: dict[str, Any]) -> dict[str, Any]:
    """An artifact never carries one; a program keeps its own."""
    return {name: {**part, "lm": None} for name, part in state.items() if name != "metadata"}
