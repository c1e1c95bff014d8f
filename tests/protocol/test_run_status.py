"""The life of a run has no dead ends but one."""

from typing import get_args

import pytest

from tunesmith.protocol import FINAL_STATUSES, RUN_STATUSES, WORKER_ENDINGS, RunStatus, may_follow
from tunesmith.protocol.run_status import STATUS_TABLE
from tunesmith.protocol.typescript import STATUS_SETS, generate


def test_every_status_has_its_line_in_the_table() -> None:
    assert list(STATUS_TABLE) == list(RUN_STATUSES) == list(get_args(RunStatus))


@pytest.mark.parametrize("status", RUN_STATUSES)
def test_what_is_true_of_a_status_fits_together(status: RunStatus) -> None:
    facts = STATUS_TABLE[status]
    assert facts.is_under_way or not facts.is_live
    assert not (facts.is_final and facts.is_under_way)
    assert any(status in statuses for statuses in STATUS_SETS.values())


def test_the_extension_has_every_status_and_set() -> None:
    generated = generate()
    for status in RUN_STATUSES:
        assert f'"{status}"' in generated.partition("export type RunStatus")[2].partition(";")[0]
    assert 'LIVE_STATUSES: ReadonlySet<RunStatus> = new Set<RunStatus>(["queued", "running"]);' in generated
    assert all(f"export const {name}: " in generated for name in STATUS_SETS)


@pytest.mark.parametrize("status", RUN_STATUSES)
def test_whatever_has_not_finished_can_be_brought_to_run(status: RunStatus) -> None:
    reachable, frontier = {status}, [status]
    while frontier:
        for following in STATUS_TABLE[frontier.pop()].followed_by - reachable:
            reachable.add(following)
            frontier.append(following)
    assert ("running" in reachable) is (status != "finished")


@pytest.mark.parametrize("status", RUN_STATUSES)
def test_only_a_running_run_ends_by_a_worker_s_word(status: RunStatus) -> None:
    assert may_follow(status, "finished") is (status == "running")
    assert may_follow(status, "running") is (status == "queued")


def test_a_worker_may_end_its_run_in_every_final_way() -> None:
    assert FINAL_STATUSES < WORKER_ENDINGS
    assert not WORKER_ENDINGS & {"queued", "running"}
