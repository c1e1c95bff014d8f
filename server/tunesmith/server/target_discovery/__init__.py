"""What can be tuned: targets from pyproject.toml and from `compile` calls."""

from tunesmith.server.target_discovery.configuration import (
    FILE,
    Configuration,
    ConfigurationProblem,
    Settings,
    read_configuration,
)
from tunesmith.server.target_discovery.discover import discover_targets
from tunesmith.server.target_discovery.found import FoundTarget
from tunesmith.server.target_discovery.tuner import choose_tuner

__all__ = [
    "FILE",
    "Configuration",
    "ConfigurationProblem",
    "FoundTarget",
    "Settings",
    "choose_tuner",
    "discover_targets",
    "read_configuration",
]
