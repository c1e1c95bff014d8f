"""The life of a run, as one table.

    start ──► queued ──► running ──► finished │ failed │ cancelled
                │  ▲          │
                │  │          └────► interrupted      the daemon stopped or died; the worker's rows are kept
                │  └── resume ◄──────────┤
                └──► needs credentials ◄──┘           a daemon that started since has no client's environment

`failed` and `cancelled` may be resumed as well. `finished` is the end.
"""

from tunesmith.protocol import RunStatus

NEXT: dict[RunStatus, frozenset[RunStatus]] = {
    "queued": frozenset({"running", "cancelled", "needs credentials"}),
    "running": frozenset({"finished", "failed", "cancelled", "interrupted"}),
    "interrupted": frozenset({"queued", "needs credentials", "cancelled"}),
    "needs credentials": frozenset({"queued", "cancelled"}),
    "failed": frozenset({"queued"}),
    "cancelled": frozenset({"queued"}),
    "finished": frozenset(),
}


def is_allowed(old: RunStatus, new: RunStatus) -> bool:
    return new in NEXT[old]
