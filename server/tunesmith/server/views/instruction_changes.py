"""The instructions a run changed: which, why, and what became of their lines."""

import difflib

from tunesmith.protocol import InstructionChoice


def instruction_lines(choices: list[InstructionChoice]) -> list[str]:
    lines: list[str] = []
    for choice in choices:
        lines.append(f"instruction of {choice.predictor}, from {choice.view}")
        lines += [f"  {choice.why}"] if choice.why else []
        lines += [f"    {line}".rstrip() for line in diff_lines(choice.before, choice.after)]
    return lines


def diff_lines(before: str, after: str) -> list[str]:
    """Every line of both texts: `- ` gone, `+ ` new, two spaces where it stayed."""
    old, new = before.splitlines(), after.splitlines()
    diff = list(difflib.unified_diff(old, new, n=max(len(old), len(new)), lineterm=""))
    return [f"{line[0]} {line[1:]}" for line in diff[3:]] if diff else [f"  {line}" for line in new]
