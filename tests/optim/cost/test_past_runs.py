"""Which earlier run an estimate rests on, and what is read of it."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from support.runs.earlier_run import TARGET, leave_run
from tunesmith.optim.cost import find_past_run

NEXT = "20260109-000000-aaaa"


def test_what_it_took(tmp_path: Path) -> None:
    leave_run(tmp_path, "20260101-000000-aaaa")
    found = find_past_run(tmp_path / "runs" / NEXT, "classify")
    assert found is not None
    assert (found.run_id, found.calls_per_program, found.baseline) == ("20260101-000000-aaaa", 2, 0.25)
    assert (found.prompt_tokens, found.completion_tokens) == (2000, 20)
    assert found.models == {"openai/gpt-4o-mini"}
    assert found.seconds_per_call is not None


def test_a_model_that_says_nothing_of_its_usage_used_no_zero_tokens(tmp_path: Path) -> None:
    leave_run(tmp_path, "20260101-000000-aaaa", prompt_tokens=0, completion_tokens=0)
    found = find_past_run(tmp_path / "runs" / NEXT, "classify")
    assert found is not None
    assert (found.prompt_tokens, found.completion_tokens) == (None, None)


@pytest.mark.parametrize(
    "newer",
    [
        {"status": "failed"},
        {"status": "cancelled"},
        {"status": "running"},
        {"estimate_only": True},
        {"turns": 0},
        {"target": structs.replace(TARGET, name="other")},
    ],
)
def test_what_does_not_count_is_passed_over(newer: dict[str, Any], tmp_path: Path) -> None:
    leave_run(tmp_path, "20260101-000000-aaaa")
    leave_run(tmp_path, "20260102-000000-aaaa")
    leave_run(tmp_path, "20260103-000000-aaaa", **newer)
    leave_run(tmp_path, NEXT)
    found = find_past_run(tmp_path / "runs" / NEXT, "classify")
    assert found is not None
    assert found.run_id == "20260102-000000-aaaa"


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    leave_run(tmp_path, "20260101-000000-aaaa")
    for name, text in (("20260102-000000-aaaa", b"no database" * 1000), ("20260103-000000-aaaa", b"")):
        (tmp_path / "runs" / name).mkdir()
        (tmp_path / "runs" / name / "run.sqlite").write_bytes(text)
    (tmp_path / "runs" / "20260104-000000-aaaa").mkdir()
    (tmp_path / "runs" / "a file").touch()
    found = find_past_run(tmp_path / "runs" / NEXT, "classify")
    assert found is not None
    assert found.run_id == "20260101-000000-aaaa"


def test_no_runs_at_all(tmp_path: Path) -> None:
    assert find_past_run(tmp_path / "runs" / NEXT, "classify") is None
