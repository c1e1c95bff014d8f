"""The life of a run, as one table.

    start ──► queued ──► running ──► finished │ failed │ cancelled
                │  ▲        │ │
                │  │        │ └────► interrupted        the daemon stopped or died; what was committed is kept
                │  │        │              │
                │  └─resume─┼──────────────┤
                │           ▼              │
                └───► needs credentials ◄──┘            the worker found no key, or the daemon was restarted since and
                                                        has no client's environment

`failed` and `cancelled` may be resumed as well. `finished` is the end.
"""

from tunesmith.protocol import RunStatus

NEXT: dict[RunStatus, frozenset[RunStatus]] = {
    "queued": frozenset({"running", "cancelled", "needs credentials"}),
    "running": frozenset({"finished", "failed", "cancelled", "interrupted", "needs credentials"}),
    "interrupted": frozenset({"queued", "needs credentials", "cancelled"}),
    "needs credentials": frozenset({"queued", "cancelled"}),
    "failed": frozenset({"queued"}),
    "cancelled": frozenset({"queued"}),
    "finished": frozenset(),
}

ENDINGS: frozenset[RunStatus] = NEXT["running"]
"""What a worker may say its run came to."""


def is_allowed(old: RunStatus, new: RunStatus) -> bool:
    return new in NEXT[old]
