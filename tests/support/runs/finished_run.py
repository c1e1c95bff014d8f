"""A finished run of the bank's target, as its worker would have left it."""

import json
from pathlib import Path
from typing import Any

from support.workspaces.bank_workspace import Bank
from tunesmith.protocol import (
    ArtifactReport,
    DemoChoice,
    Gain,
    InstructionChoice,
    RunReport,
    RunSpec,
    Score,
    StatusChanged,
)
from tunesmith.protocol.store import RunStore
from tunesmith.protocol.wire import encode
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

RUN_ID = "20260101-000000-aaaa"
INSTRUCTION = "Tell what the message is about."
"""As the program has it."""
DEMO = {"text": "cash question", "topic": "cash"}


def leave_finished_run(bank: Bank, *, instruction: str = INSTRUCTION) -> str:
    """Its id. `instruction`: what it tells the predictor."""
    run_dir = bank.root / ".tunesmith" / "runs" / RUN_ID
    workspace = Workspace(bank.root)
    workspace.refresh()
    found = workspace.snapshot().find_target("triage")
    assert found.program is not None
    report = RunReport(
        run_id=RUN_ID,
        status="finished",
        optimizer="bootstrap-fewshot",
        target="triage",
        baseline=Score(score=0.5, low=0.3, high=0.7, n=20),
        tuned=Score(score=1.0, low=0.8, high=1.0, n=20),
        gain=Gain(mean=0.5, low=0.2, high=0.7, probability=0.99, verdict="confirmed"),
        calls=56,
        tokens=840,
        usd=None,
        seconds=1.0,
        artifact=str(run_dir / "program.json"),
    )
    artifact = ArtifactReport(
        report=report,
        target=found.target,
        fingerprint=fingerprint_of(found.program),
        source_digests={},
        predictors=["sort"],
        demos=[DemoChoice(predictor="sort", example=1, origin="bootstrapped", why="", tokens=10, values=DEMO)],
        instructions=[InstructionChoice(predictor="sort", before=INSTRUCTION, after=instruction, view="data", why="")]
        if instruction != INSTRUCTION
        else [],
        literal_demos=True,
        warnings=[],
        created=0.0,
    )
    write_finished_run(bank.root, artifact, _state(instruction))
    return RUN_ID


def write_finished_run(root: Path, artifact: ArtifactReport, state: dict[str, Any]) -> None:
    """The run folder of an artifact. `state`: of `program.json`."""
    report = artifact.report
    run_dir = root / ".tunesmith" / "runs" / report.run_id
    spec = RunSpec(
        run_id=report.run_id,
        run_dir=str(run_dir),
        root=str(root),
        interpreter="python",
        target=artifact.target,
        optimizer="bootstrap-fewshot",
    )
    with RunStore.open(run_dir) as store:
        store.commit_spec(spec)
        store.append_event(StatusChanged(status="queued"))
        store.append_event(StatusChanged(status="running"))
        store.commit_report(report)
        store.append_event(StatusChanged(status="finished"))
    (run_dir / "report.json").write_bytes(encode(artifact))
    (run_dir / "program.json").write_text(json.dumps(state, indent=2), encoding="utf-8")


def _state(instruction: str) -> dict[str, Any]:
    fields = [{"prefix": f"{name}:", "description": f"${{{name.lower()}}}"} for name in ("Text", "Topic")]
    signature = {"instructions": instruction, "fields": fields}
    sort = {"traces": [], "train": [], "demos": [{"augmented": True, **DEMO}], "signature": signature, "lm": None}
    versions = {"python": "3.11", "dspy": "3.4.1", "cloudpickle": "3.1"}
    return {"sort": sort, "metadata": {"dependency_versions": versions}}


def source_with(bank: Bank, before: str) -> str:
    """The bank's source with something on the line that constructs the program."""
    source = bank.source.read_text(encoding="utf-8")
    return source.replace("program = Sorter()", f"{before}program = Sorter()")
