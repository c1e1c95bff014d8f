"""What a finetuning came to: how the student compares, what it is, what was expected of it and when it pays."""

from collections.abc import Mapping

from tunesmith.protocol import ArmGain, ArmScore, BreakEven, Comparison, FinetuneReport, Prediction, StudentInfo
from tunesmith.server.text import describe_gain, describe_probability, describe_score, is_share
from tunesmith.server.views.numbers import describe_bytes, describe_seconds, describe_usd
from tunesmith.server.views.tables import table_lines


def finetune_lines(report: FinetuneReport) -> list[str]:
    lines = [describe_rows(report.rows, report.refused)]
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


def describe_rows(rows: int, refused: Mapping[str, int]) -> str:
    """`180 rows trained on; left out: 2 too long`."""
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in refused.items())
    return f"{rows:,} rows trained on{f'; left out: {left_out}' if left_out else ''}"


def describe_student(student: StudentInfo) -> str:
    tasks = ", ".join(student.tasks)
    made = f"{student.method} of {student.model}, {describe_bytes(student.weights_bytes)}"
    return f"student for {tasks}: {student.path} ({made})"


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
                describe_arm_gain(gains[arm.name], arm) if arm.name in gains else "",
            )
        )
    return [f"on the same {examples:,} held-out inputs; what cannot be read counts as wrong", *table_lines(rows)]


def describe_arm_gain(gained: ArmGain, arm: ArmScore) -> str:
    gain = gained.gain
    told = describe_gain(gain, share=is_share(arm.score)).replace("95 % interval ", "")
    return f"{told}, {describe_probability(gain.probability)}: {gain.verdict}"


def prediction_lines(predictions: list[Prediction]) -> list[str]:
    rows = [("expected", "", "95 % interval", "was", "off by")]
    for one in predictions:
        actual = "not measured" if one.actual is None else quantity(one.actual, one.unit)
        interval = f"{quantity(one.low, one.unit)} to {quantity(one.high, one.unit)}"
        rows.append((one.what, quantity(one.predicted, one.unit), interval, actual, describe_error(one)))
    return table_lines(rows)


def describe_error(prediction: Prediction) -> str:
    """How far the truth was from what was expected, `+12 %`: more than expected."""
    if prediction.actual is None or not prediction.predicted:
        return ""
    share = 100 * (prediction.actual - prediction.predicted) / prediction.predicted
    return f"{share:+.0f} %" if round(share) else "0 %"


def break_even_lines(pays: list[BreakEven]) -> list[str]:
    rows = [("cheaper than", "from", "on what that rests")]
    rows += [(one.api, describe_queries(one.queries), one.basis) for one in pays]
    return table_lines(rows)


def describe_queries(queries: float | None) -> str:
    return "never" if queries is None else f"{queries:,.0f} answers on"


def quantity(value: float, unit: str) -> str:
    match unit:
        case "bytes":
            return describe_bytes(value)
        case "seconds":
            return describe_seconds(value)
        case "usd":
            return describe_usd(value)
    return f"{value:,.4g} {unit}"
