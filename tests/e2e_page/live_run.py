"""A run that goes: every line on stdin is one batch of its search, the end of stdin its end. Says `told` after each.

`python live_run.py FOLDER RUN_ID`
"""

import itertools
import sys
import time
from pathlib import Path

from support.page_runs import INSTRUCTIONS, Writing, gain_between, interval, state
from tunesmith.protocol import BatchClosed, CandidateScored, Progressed, StatusChanged
from tunesmith.protocol.store import RunStore

BASE = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]


def main(root: Path, run_id: str) -> None:
    with RunStore.open(root / ".tunesmith" / "runs" / run_id) as store:
        run = Writing(root, run_id, "mipro-v2", time.time(), store)
        tried: dict[str, list[float]] = {}
        for batch, _ in enumerate(itertools.chain(["first"], sys.stdin), start=1):
            name = f"i{batch - 1}d0" if batch > 1 else "baseline"
            tried[name] = BASE if batch == 1 else [1.0] * (8 - 8 // (batch + 1)) + [0.0] * (8 // (batch + 1))
            run.candidate(name, name, None if batch == 1 else "baseline", state(INSTRUCTIONS[batch % 6], []))
            for index, score in enumerate(tried[name]):
                run.rollout(name, index, score)
            gain = gain_between(tried[name], BASE)
            run.tell(CandidateScored(candidate=name, name=name, score=interval(tried[name]), gain=gain))
            rollouts = 8 * len(tried)
            run.tell(
                BatchClosed(
                    batch=batch,
                    rollouts=rollouts,
                    ceiling=80,
                    tried=len(tried),
                    leader=name,
                    mean=interval(tried[name]).score,
                    probability=0.9,
                )
            )
            run.tell(Progressed(phase="searching", done=rollouts, total=80, text=f"leader {name}"))
            tell_on_stdout()
        best = list(tried.values())[-1]
        report = run.report(baseline=interval(BASE), tuned=interval(best), gain=gain_between(best, BASE), artifact=None)
        store.commit_report(report)
        store.append_event(StatusChanged(status="finished"))
        tell_on_stdout()


def tell_on_stdout() -> None:
    sys.stdout.write("told\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
