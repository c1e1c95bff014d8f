"""What a finetuning came to: how the student compares, what it is, what was expected of it and when it pays."""

from tunesmith.protocol import BreakEven, Comparison, FinetuneReport, Prediction
from tunesmith.server.text import (
    describe_amount,
    describe_break_even_answers,
    describe_deviation,
    describe_score,
    describe_seconds,
    describe_student,
    describe_training_rows,
    describe_usd,
    describe_verdict_briefly,
    is_share,
)
from tunesmith.server.views.tables import table_lines


def finetune_lines(report: FinetuneReport) -> list[str]:
    """Everything the report has, in blocks with a blank line between them."""
    lines = [describe_training_rows(report.rows, report.refused)]
    lines += [describe_student(student) for student in report.students]
    if report.why:
        lines += ["", "why this strategy", *(f"  {line}" for line in report.why)]
    if report.comparison is not None:
        lines += ["", *comparison_lines(report.comparison)]
    if report.predictions:
        lines += ["", *prediction_lines(report.predictions)]
    if report.break_even:
        lines += ["", *break_even_lines(report.break_even)]
    if report.warnings:
        lines += ["", *(f"warning: {message}" for message in report.warnings)]
    return lines


def comparison_lines(comparison: Comparison) -> list[str]:
    """Arms in the order given; beside each what the student gained over it."""
    examples = max((arm.score.n for arm in comparison.arms), default=0)
    gains = {one.over: one for one in comparison.gains}
    rows = [("arm", "score", "unparsed", "an answer", "a passing answer", "tuned is better by (95 % interval)")]
    for arm in comparison.arms:
        rows.append(
            (
                arm.name,
                describe_score(arm.score),
                str(arm.unparsed),
                describe_seconds(arm.seconds_per_answer),
                "" if arm.usd_per_passing is None else describe_usd(arm.usd_per_passing),
                describe_verdict_briefly(gains[arm.name].gain, share=is_share(arm.score)) if arm.name in gains else "",
            )
        )
    return [f"on the same {examples:,} held-out inputs; what cannot be read counts as wrong", *table_lines(rows)]


def prediction_lines(predictions: list[Prediction]) -> list[str]:
    """What was expected, with its interval, beside what happened."""
    rows = [("expected", "", "95 % interval", "was", "off by")]
    for one in predictions:
        actual = "not measured" if one.actual is None else describe_amount(one.actual, one.unit)
        interval = f"{describe_amount(one.low, one.unit)} to {describe_amount(one.high, one.unit)}"
        rows.append((one.what, describe_amount(one.predicted, one.unit), interval, actual, describe_deviation(one)))
    return table_lines(rows)


def break_even_lines(pays: list[BreakEven]) -> list[str]:
    """From how many answers on the student is cheaper than which API."""
    rows = [("cheaper than", "from", "on what that rests")]
    rows += [(one.api, describe_break_even_answers(one.queries), one.basis) for one in pays]
    return table_lines(rows)
