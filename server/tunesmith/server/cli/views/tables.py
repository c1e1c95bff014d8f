"""Lists as tables."""

from rich.table import Table

from tunesmith.protocol import RunSummary
from tunesmith.protocol.index_report import IndexReport
from tunesmith.protocol.session_messages import TargetInfo
from tunesmith.server.cli.views.run_detail import describe_time
from tunesmith.server.score_text import describe_change, describe_score


def plain_table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def runs_table(runs: list[RunSummary]) -> Table:
    table = plain_table("run", "target", "optimizer", "status", "started", "outcome")
    for run in sorted(runs, key=lambda run: run.created, reverse=True):
        table.add_row(run.run_id, run.target, run.optimizer, run.status, describe_time(run.created), outcome(run))
    return table


def outcome(run: RunSummary) -> str:
    """The result in a few words, or what the run is doing."""
    if run.error is not None:
        return str(run.error)
    report = run.report
    if report is None or report.baseline is None:
        return run.progress
    if report.tuned is None:
        return describe_score(report.baseline)
    verdict = f", {report.gain.verdict}" if report.gain else ""
    return f"{describe_change(report.baseline, report.tuned)}{verdict}"


def targets_table(targets: list[TargetInfo]) -> Table:
    table = plain_table("target", "where", "program", "metric", "data", "last run")
    for target in targets:
        last = f"{target.last_run.status}: {outcome(target.last_run)}" if target.last_run else ""
        table.add_row(
            target.name,
            f"{target.file}:{target.line}",
            target.program or "?",
            target.metric or "none",
            target.trainset or "none",
            last,
        )
    return table


def modules_table(report: IndexReport) -> Table:
    table = plain_table("module", "predictor", "kind", "signature", "where")
    for module in report.modules:
        where = f"{module.file}:{module.line}"
        if not module.predictors:
            table.add_row(module.name, "dynamic" if module.dynamic else "none", "", "", where)
        for predictor in module.predictors:
            name = f"{predictor.name} (dynamic)" if predictor.dynamic else predictor.name
            where = f"{module.file}:{predictor.line}"
            table.add_row(module.name, name, predictor.kind, predictor.signature or "?", where)
    return table
