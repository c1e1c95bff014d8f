"""Hints and ghost text over the wire: who is offered them, where they stand, and when they are asked for anew."""

import asyncio
import shutil
from typing import Any

import pytest

from support.clients.session_client import EVERYWHERE, change_document, connect, initialize, open_document
from support.runs.finished_run import leave_finished_run
from support.workspaces.bank_workspace import Bank
from tunesmith.server.client.daemon_client import DaemonRefused
from tunesmith.server.daemon.daemon import Daemon

METHOD_NOT_FOUND = -32601
GHOSTS: dict[str, Any] = {"textDocument": {"inlineCompletion": {}}}
HINTS = {"textDocument": {"inlayHint": {}}, "workspace": {"inlayHint": {"refreshSupport": True}}}
ENCODINGS = {"utf-8": 4, "utf-16": 2, "utf-32": 1}
"""Units of the emoji."""
NEW = 'Say "cash" or "card".\n\nNothing else.'


@pytest.mark.parametrize(
    ("capabilities", "hints", "ghosts"),
    [({}, False, False), (HINTS, True, False), (GHOSTS, False, True), ({**GHOSTS, **HINTS}, True, False)],
)
async def test_they_are_offered_to_those_who_can_show_them(
    daemon: Daemon, bank: Bank, capabilities: dict[str, Any], hints: bool, ghosts: bool
) -> None:
    async with connect(daemon) as client:
        offered = await initialize(client, bank.root, capabilities)
        assert ("inlayHintProvider" in offered, "inlineCompletionProvider" in offered) == (hints, ghosts)
        for method, is_offered in (("textDocument/inlayHint", hints), ("textDocument/inlineCompletion", ghosts)):
            if not is_offered:
                with pytest.raises(DaemonRefused) as refused:
                    await client.send(method, asked_at(bank, 0, 0))
                assert refused.value.code == METHOD_NOT_FOUND


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_hints_stand_where_the_client_counts(daemon: Daemon, bank: Bank, encoding: str) -> None:
    leave_finished_run(bank)
    text = bank.source.read_text(encoding="utf-8").replace("self.sort = ", "n = '😀'; self.sort = ")
    async with connect(daemon) as client:
        await initialize(client, bank.root, {**HINTS, "general": {"positionEncodings": [encoding]}})
        document = open_document(client, bank.source, text)
        (hint,) = await client.send("textDocument/inlayHint", {"textDocument": document, "range": EVERYWHERE})
        line = hint["position"]["line"]
        above = {"start": {"line": 0, "character": 0}, "end": {"line": line, "character": 0}}
        assert await client.send("textDocument/inlayHint", {"textDocument": document, "range": above}) is None
    assert (hint["label"], hint["paddingLeft"]) == ("apply: 1 demo · +50 (20 to 70)", True)
    before, _, _ = text.splitlines()[line].partition("'😀'")
    assert hint["position"]["character"] == len(f"{before}''; self.sort = dspy.Predict(Triage)") + ENCODINGS[encoding]


async def test_ghost_text_replaces_its_line(daemon: Daemon, bank: Bank) -> None:
    leave_finished_run(bank, instruction=NEW)
    text = bank.source.read_text(encoding="utf-8")
    emptied = text.replace("Tell what the message is about.", "")
    async with connect(daemon) as client:
        await initialize(client, bank.root, GHOSTS)
        open_document(client, bank.source, emptied)
        (instruction,) = await ask(client, bank, emptied, '"""', after='Signature):\n    """')
        assert instruction["insertText"] == NEW.replace("\n\n", "\n\n    ") + "\n    "
        assert instruction["range"]["start"] == instruction["range"]["end"]
        gap = text.replace("dspy.Predict(Triage)\n", "dspy.Predict(Triage)\n\n", 1)
        change_document(client, bank.source, gap, version=2)
        (demos,) = await ask(client, bank, gap, "\n", after="dspy.Predict(Triage)\n")
        lines = ["self.sort.demos = [", '    {"augmented": True, "text": "cash question", "topic": "cash"},', "]"]
        assert demos["insertText"] == "\n".join(f"        {line}" for line in lines)
        assert await client.send("textDocument/inlineCompletion", asked_at(bank, 0, 0)) is None
        shutil.rmtree(bank.root / ".tunesmith")
        assert await ask(client, bank, gap, "\n", after="dspy.Predict(Triage)\n") == []


async def test_a_run_whose_program_is_gone_suggests_nothing(daemon: Daemon, bank: Bank) -> None:
    run_id = leave_finished_run(bank)
    (bank.root / ".tunesmith" / "runs" / run_id / "program.json").unlink()
    text = bank.source.read_text(encoding="utf-8").replace("Predict(Triage)\n", "Predict(Triage)\n\n")
    async with connect(daemon) as client:
        await initialize(client, bank.root, GHOSTS)
        open_document(client, bank.source, text)
        assert await ask(client, bank, text, "\n", after="dspy.Predict(Triage)\n") == []


@pytest.mark.parametrize(
    ("capabilities", "asked"), [(HINTS, True), ({"workspace": HINTS["workspace"]}, True), ({}, False)]
)
async def test_hints_are_asked_for_anew_after_a_change(
    daemon: Daemon, bank: Bank, capabilities: dict[str, Any], asked: bool
) -> None:
    refreshed = asyncio.Event()

    async def refresh(_: Any) -> None:
        refreshed.set()

    lenses = asyncio.Event()

    async def refresh_lenses(_: Any) -> None:
        lenses.set()

    async with connect(daemon) as client:
        client.answer("workspace/inlayHint/refresh", refresh)
        client.answer("workspace/codeLens/refresh", refresh_lenses)
        workspace = {**capabilities.get("workspace", {}), "codeLens": {"refreshSupport": True}}
        await initialize(client, bank.root, {**capabilities, "workspace": workspace})
        open_document(client, bank.source)
        await lenses.wait()
        await client.send("tunesmith/status", {})
        assert refreshed.is_set() is asked


async def ask(client: Any, bank: Bank, text: str, before: str, *, after: str) -> list[dict[str, Any]]:
    """The suggestions right after `after`, where `before` follows."""
    cursor = text.index(after + before) + len(after)
    line = text.count("\n", 0, cursor)
    character = cursor - (text.rfind("\n", 0, cursor) + 1)
    return await client.send("textDocument/inlineCompletion", asked_at(bank, line, character)) or []


def asked_at(bank: Bank, line: int, character: int) -> dict[str, Any]:
    position = {"line": line, "character": character}
    return {
        "textDocument": {"uri": bank.source.as_uri()},
        "position": position,
        "range": {"start": position, "end": position},
        "context": {"triggerKind": 2},
    }
