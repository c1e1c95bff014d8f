"""What can be tuned: targets from pyproject.toml and from `compile` calls."""

from tunesmith.server.target_discovery.configuration import (
    FILE,
    Configuration,
    ConfigurationProblem,
    Settings,
    choose_tuner,
    read_configuration,
)
from tunesmith.server.target_discovery.discover import FoundTarget, discover_targets

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
