"""What a run was started with, so that a resumed one notices that it is no longer the same run."""

from tunesmith.optim.errors import RunError
from tunesmith.optim.rollouts import digest, example_fingerprints, metric_fingerprint, program_fingerprint
from tunesmith.optim.target_loading import Resolved
from tunesmith.protocol import EVALUATE, RunSpec, Wire
from tunesmith.protocol.store import RunStore

META = "started with"


class StartedWith(Wire, frozen=True, kw_only=True):
    """Fingerprints. Language models are left out: their name is part of the order, and of every call's key."""

    program: str
    metric: str
    trainset: str
    valset: str | None


def fingerprint_inputs(resolved: Resolved) -> StartedWith:
    """Of what a target came to."""
    return StartedWith(
        program=program_fingerprint(resolved.program, None, None),
        metric=metric_fingerprint(resolved.metric),
        trainset=digest(*example_fingerprints(resolved.trainset)),
        valset=digest(*example_fingerprints(resolved.valset)) if resolved.valset is not None else None,
    )


def check_unchanged(store: RunStore, spec: RunSpec, resolved: Resolved) -> None:
    """Remember what a new run starts with; raise `RunError` where a resumed one would start with something else."""
    now = fingerprint_inputs(resolved)
    before = store.meta(META, StartedWith)
    if before is None:
        store.commit_meta(META, now)
        return
    names = {
        "program": "the program",
        "metric": "the metric",
        "trainset": "the training data",
        "valset": "the validation data",
    }
    changed = [shown for name, shown in names.items() if getattr(before, name) != getattr(now, name)]
    if not changed:
        return
    listed = " and ".join([", ".join(changed[:-1]), changed[-1]] if len(changed) > 1 else changed)
    verb = "evaluate" if spec.optimizer == EVALUATE else "optimize"
    raise RunError(
        f"{listed[0].upper()}{listed[1:]} changed since this run started, so it cannot be continued.",
        where=f"{spec.target.file}:{spec.target.line}",
        next_step=f"Start a new run that takes over what is still valid: "
        f"`tunesmith {verb} {spec.target.name} --reuse {spec.run_id}`.",
    )
