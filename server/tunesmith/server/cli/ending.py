"""How a run ended, told once it has, and the exit code that follows."""

from tunesmith.protocol.session_messages import RunDetail
from tunesmith.server.cli.exit_codes import FINDINGS, OK
from tunesmith.server.text import explain_missing_result
from tunesmith.server.views import (
    complain_of,
    demo_lines,
    finetune_lines,
    instruction_lines,
    print_json,
    print_lines,
    report_lines,
)


def tell_end(detail: RunDetail, *, as_json: bool) -> int:
    """The report, for people or as the last line of JSON; what went wrong where there is none."""
    summary = detail.summary
    if as_json:
        print_json(summary.report or {"error": explain_missing_result(summary), "run_id": summary.run_id})
    else:
        print_end(detail)
    return OK if summary.status == "finished" else FINDINGS


def print_end(detail: RunDetail) -> None:
    report = detail.summary.report
    if report is None or detail.summary.error is not None:
        complain_of(explain_missing_result(detail.summary))
    if report is None:
        return
    lines = report_lines(report)
    if report.finetune is not None:
        lines += ["", *finetune_lines(report.finetune)]
    if detail.artifact is not None and detail.artifact.instructions:
        lines += ["", *instruction_lines(detail.artifact.instructions)]
    if detail.artifact is not None and detail.artifact.demos:
        lines += ["", *demo_lines(detail.artifact.demos)]
    print_lines(lines)
