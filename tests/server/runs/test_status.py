"""The life of a run has no dead ends but one."""

from typing import get_args

import pytest

from tunesmith.protocol import FINAL_STATUSES, RunStatus
from tunesmith.server.runs.status import ENDINGS, NEXT, is_allowed

STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)


def test_every_status_has_its_line_in_the_table() -> None:
    assert set(NEXT) == set(STATUSES)


@pytest.mark.parametrize("status", STATUSES)
def test_whatever_has_not_finished_can_be_brought_to_run(status: RunStatus) -> None:
    reachable, frontier = {status}, [status]
    while frontier:
        for following in NEXT[frontier.pop()] - reachable:
            reachable.add(following)
            frontier.append(following)
    assert ("running" in reachable) is (status != "finished")


@pytest.mark.parametrize("status", STATUSES)
def test_only_a_running_run_ends_by_a_worker_s_word(status: RunStatus) -> None:
    assert is_allowed(status, "finished") is (status == "running")
    assert is_allowed(status, "running") is (status == "queued")


def test_a_worker_may_end_its_run_in_every_final_way() -> None:
    assert FINAL_STATUSES < ENDINGS
    assert not ENDINGS & {"queued", "running"}
