"""From what a client asked for to what a worker is ordered to do."""

from pathlib import Path

import msgspec

from tunesmith.protocol import CompileTarget, ConfiguredTarget, RunSpec
from tunesmith.protocol.session_messages import StartRun
from tunesmith.server.errors import CaptureUnconfirmed
from tunesmith.server.index import fingerprint_of, source_digests
from tunesmith.server.target_discovery import choose_tuner
from tunesmith.server.workspace import WorkspaceSnapshot


def build_spec(
    request: StartRun,
    workspace: WorkspaceSnapshot,
    *,
    run_id: str,
    run_dir: Path,
    root: Path,
    interpreter: str,
    reuse_from: Path | None,
) -> RunSpec:
    """Models and optimizer: the request's, else the target's, else the workspace's settings', else the program's own
    models (None) and the default optimizer.

    Raises `CaptureUnconfirmed`, and `UnknownTarget`.
    """
    found = workspace.find_target(request.target)
    target = found.target
    if isinstance(target, CompileTarget) and not target.importable and not request.confirmed_capture:
        raise CaptureUnconfirmed(f"{target.file}:{target.line}")
    if isinstance(target, CompileTarget):
        target = msgspec.structs.replace(target, arguments=request.arguments)
    settings = workspace.settings
    own = target if isinstance(target, ConfiguredTarget) else None
    return RunSpec(
        run_id=run_id,
        run_dir=str(run_dir),
        root=str(root),
        interpreter=interpreter,
        target=target,
        optimizer=request.optimizer or choose_tuner(target, settings),
        options=request.options,
        lm=request.lm or (own and own.lm) or settings.lm,
        teacher_lm=request.teacher_lm or (own and own.teacher_lm) or settings.teacher_lm,
        prompt_lm=request.prompt_lm or (own and own.prompt_lm) or settings.prompt_lm,
        model=request.model or (own and own.model) or settings.model,
        budget=request.budget,
        seed=request.seed,
        threads=request.threads or settings.threads,
        keep_baseline=request.keep_baseline,
        estimate_only=request.estimate_only,
        confirmed_capture=request.confirmed_capture,
        fingerprint=fingerprint_of(found.program) if found.program else None,
        source_digests=source_digests(workspace.index, found.program) if found.program else {},
        reuse_from=str(reuse_from) if reuse_from else None,
    )


def place_spec(spec: RunSpec, run_dir: Path) -> RunSpec:
    """The same order, in the folder where the run really lies: a workspace may have been moved since."""
    return msgspec.structs.replace(spec, run_dir=str(run_dir))
