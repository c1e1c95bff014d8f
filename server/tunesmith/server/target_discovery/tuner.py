"""Which optimizer tunes a target where its user names none."""

from tunesmith.protocol import DEFAULT_OPTIMIZER, Target, Tuner
from tunesmith.server.target_discovery.configuration import Settings


def choose_tuner(target: Target, settings: Settings) -> Tuner:
    """What the code or the target's table says, else the workspace's setting, else the default."""
    return target.optimizer or settings.optimizer or DEFAULT_OPTIMIZER.name
