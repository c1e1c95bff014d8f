"""What can be tuned: targets from pyproject.toml and from `compile` calls."""

from tunesmith.server.targets.configuration import Configuration, ConfigurationProblem, Settings, read_configuration
from tunesmith.server.targets.discover import discover_targets
from tunesmith.server.targets.found import FoundTarget

__all__ = [
    "Configuration",
    "ConfigurationProblem",
    "FoundTarget",
    "Settings",
    "discover_targets",
    "read_configuration",
]
