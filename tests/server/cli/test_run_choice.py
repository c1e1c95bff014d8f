"""Which run a user means."""

import pytest

from tunesmith.protocol import RunSummary
from tunesmith.server.cli.arguments import choose_run
from tunesmith.server.cli.errors import UsageError


def run(run_id: str, created: float) -> RunSummary:
    return RunSummary(
        run_id=run_id,
        run_dir="",
        target="t",
        optimizer="evaluate",
        status="finished",
        created=created,
        progress="",
        report=None,
        error=None,
    )


RUNS = [run("ab1", 1.0), run("ab2", 3.0), run("cd", 2.0), run("cde", 0.0)]


@pytest.mark.parametrize(
    ("wanted", "expected"), [("ab1", "ab1"), ("cd", "cd"), ("cde", "cde"), ("b1", "ab1"), ("latest", "ab2")]
)
def test_choice(wanted: str, expected: str) -> None:
    assert choose_run(RUNS, wanted).run_id == expected


@pytest.mark.parametrize(
    ("runs", "wanted", "complaint"),
    [
        (RUNS, "ab", "fits more than one run: ab2, ab1"),
        (RUNS, "ab3", "did you mean 'ab"),
        (RUNS, "zzz", "Known: ab2, cd, ab1, cde"),
        ([], "latest", "No run was started"),
    ],
)
def test_no_choice(runs: list[RunSummary], wanted: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        choose_run(runs, wanted)
