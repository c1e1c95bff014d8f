"""What a run is asked to do. Stored in the run's folder, so that a resume needs nothing else."""

from typing import Any

from tunesmith.protocol.fingerprints import ProgramFingerprint
from tunesmith.protocol.optimizers import OptimizerName
from tunesmith.protocol.targets import Target
from tunesmith.protocol.wire import Wire


class Budget(Wire, frozen=True, kw_only=True):
    """Caps. None: not capped. Checked before every LM call; a run that meets one stops with its best so far."""

    max_calls: int | None = None
    max_usd: float | None = None
    max_seconds: float | None = None


class RunSpec(Wire, frozen=True, kw_only=True):
    """The whole order of a run. `target` and `source_digests` name files relative to `root`."""

    run_id: str
    run_dir: str
    root: str
    """The workspace folder: imports, relative data paths and `compiled/` start here."""
    interpreter: str
    target: Target
    optimizer: OptimizerName
    options: dict[str, Any] = {}
    """The optimizer's constructor and `compile` keywords that are plain data."""
    lm: str | None = None
    """From a flag or the configuration; None: the program's own."""
    teacher_lm: str | None = None
    prompt_lm: str | None = None
    model: str | None = None
    """What a student is made from: `local/NAME`, a folder, a GGUF file or a Hugging Face id. None: the optimizer's
    choice."""
    budget: Budget = Budget()
    seed: int = 0
    threads: int | None = None
    keep_baseline: bool = True
    """Ship the baseline when the gain is unlikely."""
    confirmed_capture: bool = False
    """The user agreed that the target's script is run up to its `compile` call."""
    fingerprint: ProgramFingerprint | None = None
    """The program as the index saw it when the run was asked for."""
    source_digests: dict[str, str] = {}
    """SHA-256 of every source file the program is made of, by path relative to the root."""
    estimate_only: bool = False
    """Say what the run would cost, and spend nothing."""
    reuse_from: str | None = None
    """Another run's folder whose still valid calls and rollouts may be taken over."""
