"""The table of rules: code → function. Adding a rule is adding a file and a line here."""

from tunesmith.server.rules.improvement_available import find_improvements
from tunesmith.server.rules.missing_student import find_missing_students
from tunesmith.server.rules.rule import Rule
from tunesmith.server.rules.stale_artifact import find_stale_artifacts
from tunesmith.server.rules.target_configuration import find_configuration_problems

RULES: dict[str, Rule] = {
    "improvement-available": find_improvements,
    "missing-student": find_missing_students,
    "stale-artifact": find_stale_artifacts,
    "target-configuration": find_configuration_problems,
}
