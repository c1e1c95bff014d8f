"""A search in a run's detail: what it spent, and the candidates it believes in most."""

from tunesmith.protocol import ArmEstimate, SearchReport
from tunesmith.server.text import describe_chance
from tunesmith.server.views.search_numbers import describe_arm, scale_of
from tunesmith.server.views.tables import table_lines

SHOWN = 8
"""Candidates shown; JSON has them all."""


def search_lines(search: SearchReport) -> list[str]:
    spent = f"{search.rollouts:,} of at most {search.ceiling:,} program calls"
    batches = f"{search.batches} batch{'' if search.batches == 1 else 'es'}"
    lines = [f"search: {spent}, {batches}, {count_tried(search)} candidates tried"]
    if search.measured:
        leader = search.measured[0]
        lines.append(f"leader: {leader.candidate}, {describe_arm(search, leader)}")
        lines += ["", *measured_lines(search)]
    front = [arm for arm in search.measured if arm.candidate in search.front]
    if front:
        lines += ["", "no candidate beats these in every objective", *front_lines(search, front)]
    return lines


def count_tried(search: SearchReport) -> int:
    return len(search.measured) if search.tried is None else search.tried


def measured_lines(search: SearchReport) -> list[str]:
    scale = scale_of(search)
    rows = [("best so far", "n", "score", "estimate", "95 % interval", "P better", "what it is")]
    for arm in search.measured[:SHOWN]:
        rows.append(
            (
                arm.candidate,
                str(arm.n),
                scale.mean(arm.score),
                scale.mean(arm.mean),
                scale.range(arm),
                describe_chance(arm.probability) if any(arm.levels) else "",
                describe_arm(search, arm),
            )
        )
    left = count_tried(search) - len(rows) + 1
    return [*table_lines(rows), *([f"and {left} more"] if left > 0 else [])]


def front_lines(search: SearchReport, front: list[ArmEstimate]) -> list[str]:
    scale = scale_of(search)
    rows = [("candidate", "estimate", "tokens", "seconds")]
    for arm in front:
        tokens = "" if arm.tokens is None else f"{arm.tokens:,.0f}"
        seconds = "" if arm.seconds is None else f"{arm.seconds:.2f}"
        rows.append((arm.candidate, scale.mean(arm.mean), tokens, seconds))
    return [f"  {line}" for line in table_lines(rows)]
