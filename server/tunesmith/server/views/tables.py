"""Lists as aligned columns. Never folded: what they show is copied, grepped and cut."""

from collections.abc import Sequence

from tunesmith.protocol import RunSummary
from tunesmith.protocol.index_report import IndexReport
from tunesmith.protocol.session_messages import DaemonStatus, TargetInfo
from tunesmith.server.text import describe_outcome_briefly, describe_score, describe_seconds, describe_time


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells padded to their column's width, two spaces apart. The first row is the header."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def shorten(value: object, width: int = 100) -> str:
    """A value on one line, of so many characters at most."""
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 1] + "…"


def runs_table(runs: list[RunSummary]) -> list[str]:
    """Newest first."""
    rows = [("run", "target", "optimizer", "status", "started", "outcome")]
    for run in sorted(runs, key=lambda run: run.created, reverse=True):
        rows.append((run.run_id, run.target, run.optimizer, run.status, describe_time(run.created), outcome(run)))
    return table_lines(rows)


def outcome(run: RunSummary) -> str:
    """The result in a few words, or what the run is doing."""
    if run.error is not None:
        return shorten(str(run.error))
    report = run.report
    if report is None or report.baseline is None:
        return run.progress
    return describe_outcome_briefly(report) or describe_score(report.baseline)


def targets_table(targets: list[TargetInfo]) -> list[str]:
    """Each with what it is made of and how its last run stands."""
    rows = [("target", "where", "program", "metric", "data", "last run")]
    for target in targets:
        run = target.last_run
        last = ": ".join(part for part in (run.status, outcome(run)) if part) if run else ""
        place = f"{target.file}:{target.line}"
        program, metric, data = target.program or "?", target.metric or "none", target.trainset or "none"
        rows.append((target.name, place, shorten(program), shorten(metric), shorten(data), last))
    return table_lines(rows)


def modules_table(report: IndexReport) -> list[str]:
    """A row a predictor; modules without one have a row too."""
    rows = [("module", "predictor", "kind", "signature", "where")]
    for module in report.modules:
        if not module.predictors:
            rows.append((module.name, "dynamic" if module.dynamic else "none", "", "", f"{module.file}:{module.line}"))
        for predictor in module.predictors:
            name = f"{predictor.name} (dynamic)" if predictor.dynamic else predictor.name
            signature = shorten(predictor.signature or "?")
            rows.append((module.name, name, predictor.kind, signature, f"{module.file}:{predictor.line}"))
    return table_lines(rows)


def index_summary(report: IndexReport) -> str:
    """`12 files read: 3 signatures, 1 module, …`."""
    counts = ", ".join(
        f"{len(found)} {name if len(found) != 1 else name.removesuffix('s')}"
        for name, found in (
            ("signatures", report.signatures),
            ("modules", report.modules),
            ("metrics", report.metrics),
            ("datasets", report.datasets),
            ("compiles", report.compiles),
            ("loads", report.loads),
        )
    )
    return f"{report.files} {'file' if report.files == 1 else 'files'} read: {counts}"


def daemon_lines(status: DaemonStatus) -> list[str]:
    """What the daemon is and does, a line each."""
    rows = [
        ("process", f"{status.pid}, version {status.version}, protocol {status.protocol}"),
        ("up", describe_seconds(status.seconds)),
        ("sessions", str(status.sessions)),
        ("running", ", ".join(status.running) or "nothing"),
        ("queued", ", ".join(status.queued) or "nothing"),
        ("socket", status.socket or "none"),
        ("log", status.log),
    ]
    return [f"{name:<9} {text}" for name, text in rows]
