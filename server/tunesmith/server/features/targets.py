"""`tunesmith/targets`: what can be tuned, with the newest run of each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunesmith.protocol import CompileTarget, RunSummary, Tuner
from tunesmith.protocol.session_messages import TargetInfo, TargetList
from tunesmith.server.targets import choose_tuner
from tunesmith.server.targets.found import FoundTarget

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace


def list_targets(workspace: "Workspace", newest_first: Sequence[RunSummary]) -> TargetList:
    """`newest_first`: the runs of the workspace."""
    last_runs: dict[str, RunSummary] = {}
    for run in newest_first:
        last_runs.setdefault(run.target, run)
    return TargetList(
        targets=[
            describe_target(found, choose_tuner(found.target, workspace.settings()), last_runs.get(found.target.name))
            for found in workspace.targets()
        ]
    )


def describe_target(found: FoundTarget, optimizer: Tuner, last_run: RunSummary | None) -> TargetInfo:
    target = found.target
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
        last_run=last_run,
    )
