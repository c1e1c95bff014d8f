"""What can be tuned: targets from pyproject.toml and from `compile` calls."""

from tunesmith.server.targets.configuration import Configuration, ConfigurationProblem, Settings, read_configuration
from tunesmith.server.targets.discover import discover_targets
from tunesmith.server.targets.found import FoundTarget
from tunesmith.server.targets.tuner import choose_tuner

__all__ = [
    "Configuration",
    "ConfigurationProblem",
    "FoundTarget",
    "Settings",
    "choose_tuner",
    "discover_targets",
    "read_configuration",
]
