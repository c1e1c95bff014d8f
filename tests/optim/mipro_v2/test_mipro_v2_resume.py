"""A search that is killed goes on where it was: no committed call is paid again, the cap holds, the winner stays."""

from pathlib import Path

import pytest

from support.killed import killed_search
from support.killed.killing import committed_requests, kill_until_done, undisturbed


@pytest.mark.faults
@pytest.mark.parametrize("threads", [1, 4])
def test_kill_9_at_any_moment_repeats_no_committed_call(tmp_path: Path, threads: int) -> None:
    result = kill_until_done(
        killed_search.search_into,
        tmp_path,
        preload=["support.killed.killed_search", "tunesmith.optim.mipro_v2.optimizer"],
        threads=threads,
        kills=8,
        most_calls=25,
    )
    assert len(committed_requests(tmp_path / "run")) <= killed_search.CALLS
    assert result == undisturbed(killed_search.search, tmp_path, threads)
