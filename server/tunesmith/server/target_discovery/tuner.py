"""Which optimizer tunes a target where its user names none."""

from tunesmith.protocol import Target, Tuner
from tunesmith.server.target_discovery.configuration import Settings

DEFAULT: Tuner = "bootstrap-fewshot"


def choose_tuner(target: Target, settings: Settings) -> Tuner:
    """What the code or the target's table says, else the workspace's setting, else `bootstrap-fewshot`."""
    return target.optimizer or settings.optimizer or DEFAULT
