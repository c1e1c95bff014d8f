"""One run in full: how it ended, its candidates, and what it chose and why."""

from tunesmith.protocol import CandidateScored, RunSummary, Warned
from tunesmith.protocol.session_messages import RunDetail
from tunesmith.server.text import describe_score, describe_time
from tunesmith.server.views.finetune_report import finetune_lines
from tunesmith.server.views.report import demo_lines, instruction_lines, report_lines
from tunesmith.server.views.search import search_lines


def detail_lines(detail: RunDetail) -> list[str]:
    """The report or, without one, how the run stands; then its error, finetuning, choices and candidates."""
    summary = detail.summary
    lines = report_lines(summary.report) if summary.report else summary_lines(summary)
    if summary.error is not None:
        lines += ["", f"error     {summary.error}"]
        if summary.error.traceback:
            lines += ["", *summary.error.traceback.rstrip().splitlines()]
    if summary.report is not None and summary.report.finetune is not None:
        lines += ["", *finetune_lines(summary.report.finetune)]
    if detail.artifact is not None and detail.artifact.instructions:
        lines += ["", *instruction_lines(detail.artifact.instructions)]
    if detail.search is not None:
        lines += ["", *search_lines(detail.search)]
    elif detail.candidates:
        scores = {
            record.event.candidate: record.event.score
            for record in detail.events
            if isinstance(record.event, CandidateScored)
        }
        lines += ["", "candidates"]
        for candidate in detail.candidates:
            score = scores.get(candidate.id)
            lines.append(f"  {candidate.name:<24} {describe_score(score) if score else 'not scored'}")
    if detail.artifact is not None and detail.artifact.demos:
        lines += ["", *demo_lines(detail.artifact.demos)]
    warnings = dict.fromkeys(record.event.message for record in detail.events if isinstance(record.event, Warned))
    if warnings:
        lines += ["", *(f"warning: {message}" for message in warnings)]
    return lines


def summary_lines(summary: RunSummary) -> list[str]:
    """A run without a report: how it stands."""
    rows = [
        ("run", f"{summary.run_id} ({summary.status})"),
        ("target", f"{summary.target} · {summary.optimizer}"),
        ("started", describe_time(summary.created)),
    ]
    if summary.progress:
        rows.append(("now", summary.progress))
    rows.append(("folder", summary.run_dir))
    return [f"{name:<9} {text}" for name, text in rows]
