"""Reports, runs and snapshots for tests of what reads them."""

from typing import Any

from tunesmith.protocol import (
    ArtifactReport,
    CompileTarget,
    DemoChoice,
    Gain,
    InstructionChoice,
    ProgramFingerprint,
    RunReport,
    RunSummary,
    Score,
    Verdict,
)
from tunesmith.server.runs.snapshot import RunsSnapshot, TargetRuns


def score(mean: float, half: float = 0.06, n: int = 80) -> Score:
    return Score(score=mean, low=mean - half, high=mean + half, n=n)


def gain(mean: float = 0.67, verdict: Verdict = "confirmed") -> Gain:
    return Gain(mean=mean, low=mean - 0.12, high=mean + 0.12, probability=0.99, verdict=verdict)


def run_report(run_id: str = "run-1", target: str = "triage", **changes: Any) -> RunReport:
    values: dict[str, Any] = {
        "run_id": run_id,
        "status": "finished",
        "optimizer": "bootstrap-fewshot",
        "target": target,
        "baseline": score(0.15),
        "tuned": score(0.82),
        "gain": gain(),
        "calls": 100,
        "tokens": 10_000,
        "usd": None,
        "seconds": 60.0,
        "artifact": f"/somewhere/.tunesmith/runs/{run_id}/program.json",
    }
    return RunReport(**values | changes)


def artifact_report(
    run_id: str = "run-1",
    target: str = "triage",
    *,
    fingerprint: ProgramFingerprint | None = None,
    demos: dict[str, list[dict[str, Any]]] | None = None,
    predictors: list[str] | None = None,
    literal_demos: bool = True,
    instructions: dict[str, tuple[str, str]] | None = None,
    **changes: Any,
) -> ArtifactReport:
    """`demos`: values by predictor name. `instructions`: before and after, by predictor name."""
    demos = {"classify": [{"text": "a", "label": "b"}]} if demos is None else demos
    return ArtifactReport(
        report=run_report(run_id, target, **changes),
        target=CompileTarget(
            name=target, file="app.py", line=1, program=None, metric=None, trainset=None, valset=None, importable=True
        ),
        fingerprint=fingerprint,
        source_digests={},
        predictors=list(demos) if predictors is None else predictors,
        demos=[
            DemoChoice(predictor=name, example=0, origin="bootstrapped", why="", tokens=10, values=values)
            for name, chosen in demos.items()
            for values in chosen
        ],
        instructions=[
            InstructionChoice(predictor=name, before=before, after=after, view="data", why="")
            for name, (before, after) in (instructions or {}).items()
        ],
        literal_demos=literal_demos,
        warnings=[],
        created=0.0,
    )


def run_summary(
    report: RunReport | None = None, *, status: str = "finished", progress: str = "", **changes: Any
) -> RunSummary:
    values: dict[str, Any] = {
        "run_id": report.run_id if report else "run-2",
        "run_dir": "/somewhere",
        "target": report.target if report else "triage",
        "optimizer": "bootstrap-fewshot",
        "status": status,
        "created": 0.0,
        "progress": progress,
        "report": report,
        "error": None,
    }
    return RunSummary(**values | changes)


def snapshot(
    target: str = "triage",
    *,
    running: RunSummary | None = None,
    evaluated: RunSummary | None = None,
    artifact: ArtifactReport | None = None,
) -> RunsSnapshot:
    """One target's runs. `artifact` is also the newest score, unless `evaluated` is."""
    tuned = run_summary(artifact.report) if artifact else None
    return RunsSnapshot(
        targets={target: TargetRuns(running=running, evaluated=evaluated or tuned, tuned=tuned, artifact=artifact)}
    )
