"""`tunesmith/targets`: what can be tuned, with its program and the newest run of each."""

from collections.abc import Sequence

from tunesmith.protocol import ArtifactReport, CompileTarget, RunSummary, Tuner
from tunesmith.protocol.session_messages import PredictorInfo, ProgramInfo, TargetInfo, TargetList
from tunesmith.server.index import Program, ResolvedPredictor
from tunesmith.server.offers import Offer, Snapshot
from tunesmith.server.target_discovery import FoundTarget, choose_tuner


def list_targets(snapshot: Snapshot, newest_first: Sequence[RunSummary]) -> TargetList:
    """`newest_first`: the runs of the workspace."""
    last_runs: dict[str, RunSummary] = {}
    for run in newest_first:
        last_runs.setdefault(run.target, run)
    return TargetList(
        targets=[
            _describe_target(
                found,
                choose_tuner(found.target, snapshot.settings),
                last_runs.get(found.target.name),
                snapshot.offer_of(found.target.name),
            )
            for found in snapshot.targets
        ]
    )


def _describe_target(
    found: FoundTarget, optimizer: Tuner, last_run: RunSummary | None, offer: Offer | None
) -> TargetInfo:
    target = found.target
    fitting = offer.artifact if offer is not None and not offer.changes else None
    return TargetInfo(
        name=target.name,
        kind="compile" if isinstance(target, CompileTarget) else "configured",
        file=target.file,
        line=target.line,
        program=target.program,
        metric=target.metric,
        trainset=target.trainset,
        importable=target.importable if isinstance(target, CompileTarget) else True,
        optimizer=optimizer,
        definition=_describe_program(found.program, fitting) if found.program is not None else None,
        last_run=last_run,
    )


def _describe_program(program: Program, artifact: ArtifactReport | None) -> ProgramInfo:
    line = program.span.line + 1
    unknown = [
        PredictorInfo(name=name, kind="", signature=None, file=program.path, line=line, dynamic=True)
        for name in program.dynamic
    ]
    return ProgramInfo(
        name=program.name,
        file=program.path,
        line=line,
        predictors=[*(_describe_predictor(one, artifact) for one in program.predictors), *unknown],
        modules=program.modules,
    )


def _describe_predictor(predictor: ResolvedPredictor, artifact: ArtifactReport | None) -> PredictorInfo:
    name = predictor.name
    fact = predictor.signature.fact if predictor.signature is not None else None
    students = artifact.students if artifact is not None else []
    return PredictorInfo(
        name=name,
        kind=predictor.kind,
        signature=(fact.name or fact.text) if fact is not None else None,
        file=predictor.path,
        line=predictor.span.line + 1,
        dynamic=predictor.dynamic,
        demos=sum(demo.predictor == name for demo in artifact.demos) if artifact is not None else 0,
        instruction=artifact is not None and any(one.predictor == name for one in artifact.instructions),
        model=next((one.model for one in students if name in one.tasks), None),
    )
