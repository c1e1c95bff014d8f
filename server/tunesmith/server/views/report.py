"""How a run ended, in a few aligned lines, and what it chose: demonstrations and instructions."""

import difflib
from pathlib import Path

from tunesmith.protocol import DemoChoice, InstructionChoice, RunReport
from tunesmith.server.text import (
    CHOSE_ON_SCORED,
    describe_score,
    describe_seconds,
    describe_spending,
    describe_verdict,
    is_share,
)
from tunesmith.server.views.tables import shorten

FILLING = "labeled"


def report_lines(report: RunReport) -> list[str]:
    """Its scores, what it cost, and what to do next."""
    rows = [("run", f"{report.run_id} ({report.status})"), ("target", f"{report.target} · {report.optimizer}")]
    if report.baseline is not None:
        rows.append(("baseline", describe_score(report.baseline)))
    if report.tuned is not None:
        rows.append(("tuned", describe_score(report.tuned)))
    if report.gain is not None and report.tuned is not None:
        rows.append(("gain", describe_verdict(report.gain, share=is_share(report.tuned))))
    if report.searched and report.tuned is not None:
        rows.append(("note", CHOSE_ON_SCORED))
    rows.append(("cost", f"{describe_spending(report)}, {describe_seconds(report.seconds)}"))
    if report.artifact is not None:
        rows.append(("artifact", from_here(report.artifact)))
        rows.append(("next", f"tunesmith apply {report.run_id} --diff"))
    return [f"{name:<9} {text}" for name, text in rows]


def demo_lines(demos: list[DemoChoice]) -> list[str]:
    """The demonstrations by predictor: each chosen one with the reason and its values, those that only fill free
    places as one line."""
    lines: list[str] = []
    for predictor in dict.fromkeys(demo.predictor for demo in demos):
        lines.append(f"demos of {predictor}")
        own = [demo for demo in demos if demo.predictor == predictor]
        for demo in own:
            if demo.origin != FILLING:
                place = demo.origin if demo.example is None else f"{demo.origin}, example {demo.example}"
                lines.append(f"  {place}: {demo.why}")
                lines += [f"    {name}: {shorten(value)}" for name, value in demo.values.items()]
        filling = [str(demo.example) for demo in own if demo.origin == FILLING]
        if filling:
            lines.append(f"  labelled examples in the free places: {', '.join(filling)}")
    return lines


def instruction_lines(choices: list[InstructionChoice]) -> list[str]:
    """Each changed instruction: of which predictor, why, and what became of its lines."""
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


def from_here(path: str) -> str:
    """Relative to the current folder where it lies in there."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
