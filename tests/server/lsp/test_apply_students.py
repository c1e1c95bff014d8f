"""A run that ended with a finetuned model, applied from an editor and from a terminal."""

import json
from typing import Any

import msgspec
import pytest

from support.clients.session_client import actions, connect, initialize, open_document
from support.runs.finetune_samples import student, write_student
from support.runs.finished_run import leave_finished_run
from support.workspaces.bank_workspace import Bank
from tunesmith.protocol import ArtifactReport, decode, encode
from tunesmith.protocol.session_messages import ApplyParams, PathParams
from tunesmith.server.client.daemon_client import DaemonRefused
from tunesmith.server.daemon.daemon import Daemon

CLIENT: dict[str, Any] = {
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "resolveSupport": {"properties": ["edit"]},
            "dataSupport": True,
        }
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
    },
}
"""One that would take a whole edit, were there no models in it."""


LM = "program.set_lm(CountingLM())\n"


@pytest.fixture
def run_id(bank: Bank) -> str:
    source = bank.source.read_text(encoding="utf-8")
    bank.source.write_text(source.replace(LM, ""), encoding="utf-8")
    run_id = leave_finished_run(bank)
    run_dir = bank.root / ".tunesmith" / "runs" / run_id
    report = run_dir / "report.json"
    artifact = decode(report.read_bytes(), ArtifactReport)
    report.write_bytes(encode(msgspec.structs.replace(artifact, students=[student("sort", path="students/sort")])))
    write_student(run_dir / "students" / "sort")
    return run_id


async def test_from_a_terminal(daemon: Daemon, bank: Bank, run_id: str) -> None:
    before = bank.source.read_text(encoding="utf-8")
    asked = ApplyParams(root=str(bank.root), run_id=run_id)
    async with connect(daemon) as client:
        shown = await client.request("tunesmith/apply", asked)
        assert not (bank.root / "compiled").exists()
        assert bank.source.read_text(encoding="utf-8") == before
        written = await client.request("tunesmith/apply", msgspec.structs.replace(asked, write=True))
        again = await client.request("tunesmith/apply", msgspec.structs.replace(asked, write=True))
        check = await client.request("tunesmith/check", PathParams(root=str(bank.root)))
    assert "+++ compiled/triage-student/ (19600000 bytes of weights)\n" in shown.diff
    assert written.files == ["compiled/triage-student", "compiled/triage.json", "bank/triage.py"]
    assert again.files == ["compiled/triage-student", "compiled/triage.json"]
    source = bank.source.read_text(encoding="utf-8")
    assert (
        'program = Sorter()\nprogram.load(Path(__file__).parents[1] / "compiled" / "triage.json")\n'
        'program.set_lm(load_student(Path(__file__).parents[1] / "compiled" / "triage-student"))\n'
    ) in source
    assert (bank.root / "compiled" / "triage-student" / "adapter" / "adapter_model.safetensors").exists()
    assert check.findings == []


async def test_from_an_editor_the_models_are_copied_here(daemon: Daemon, bank: Bank, run_id: str) -> None:
    applied: list[dict[str, Any]] = []

    async def apply(params: dict[str, Any]) -> dict[str, bool]:
        applied.append(params["edit"])
        return {"applied": True}

    async with connect(daemon) as client:
        client.answer("workspace/applyEdit", apply)
        await initialize(client, bank.root, CLIENT)
        (load,) = await actions(client, open_document(client, bank.source))
        assert load["title"] == "Load the compiled program and its finetuned model (50 % → 100 %, confirmed)"
        command = load["command"]
        await client.send(
            "workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]}
        )
    assert (bank.root / "compiled" / "triage-student" / "student.json").exists()
    copied = json.loads((bank.root / "compiled" / "triage.json").read_text(encoding="utf-8"))
    assert [one["path"] for one in copied["metadata"]["tunesmith"]["students"]] == ["compiled/triage-student"]
    assert copied["sort"]["lm"] is None
    (edit,) = applied
    assert "load_student" in json.dumps(edit)


async def test_a_run_whose_model_is_gone_changes_nothing(daemon: Daemon, bank: Bank, run_id: str) -> None:
    (bank.root / ".tunesmith" / "runs" / run_id / "students" / "sort" / "student.json").unlink()
    before = bank.source.read_text(encoding="utf-8")
    async with connect(daemon) as client:
        with pytest.raises(DaemonRefused, match="is gone"):
            await client.request("tunesmith/apply", ApplyParams(root=str(bank.root), run_id=run_id, write=True))
    assert bank.source.read_text(encoding="utf-8") == before
    assert not (bank.root / "compiled").exists()


async def test_another_language_model_in_the_code_has_to_go_first(daemon: Daemon, bank: Bank, run_id: str) -> None:
    bank.source.write_text(bank.source.read_text(encoding="utf-8") + LM, encoding="utf-8")
    reason = r"bank/triage\.py:\d+: this statement gives program another language model .* Remove it"
    async with connect(daemon) as client:
        with pytest.raises(DaemonRefused, match=reason):
            await client.request("tunesmith/apply", ApplyParams(root=str(bank.root), run_id=run_id, write=True))
    assert not (bank.root / "compiled").exists()
