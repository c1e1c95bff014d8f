"""How a run ended, in a few aligned lines."""

from pathlib import Path

from tunesmith.protocol import DemoChoice, RunReport
from tunesmith.server.text import describe_gain, describe_probability, describe_score, is_share
from tunesmith.server.views.numbers import describe_cost, describe_seconds

FILLING = "labeled"


def report_lines(report: RunReport) -> list[str]:
    rows = [("run", f"{report.run_id} ({report.status})"), ("target", f"{report.target} · {report.optimizer}")]
    if report.baseline is not None:
        rows.append(("baseline", describe_score(report.baseline)))
    if report.tuned is not None:
        rows.append(("tuned", describe_score(report.tuned)))
    if report.gain is not None and report.tuned is not None:
        gain = describe_gain(report.gain, share=is_share(report.tuned))
        rows.append(("gain", f"{gain}, {describe_probability(report.gain.probability)}: {report.gain.verdict}"))
    if report.searched and report.tuned is not None:
        rows.append(("note", "the search chose on the examples scored here: expect less of it on new ones"))
    rows.append(("cost", f"{describe_cost(report)}, {describe_seconds(report.seconds)}"))
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


def from_here(path: str) -> str:
    """Relative to the current folder where it lies in there."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def shorten(value: object, width: int = 100) -> str:
    """A value on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 1] + "…"
