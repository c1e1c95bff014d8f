"""The life of a run, as one table: every state, what may follow it, and what is true of a run that is in it.

    start ──► queued ──► running ──► finished │ failed │ cancelled
                │  ▲        │ │
                │  │        │ └────► interrupted        the daemon stopped or died; what was committed is kept
                │  │        │              │
                │  └─resume─┼──────────────┤
                │           ▼              │
                └───► needs credentials ◄──┘            the worker found no key, or the daemon was restarted since and
                                                        has no client's environment

`failed` and `cancelled` may be resumed as well. `finished` is the end. The sets below are all there are, here and, as
`typescript.py` generates them, in the extension: who asks something else of a state adds a column.
"""

from typing import Literal, get_args

from msgspec import Struct

RunStatus = Literal["queued", "running", "needs credentials", "interrupted", "cancelled", "failed", "finished"]


class StatusFacts(Struct, frozen=True, kw_only=True):
    """What is known of a run by its state alone."""

    followed_by: frozenset[RunStatus]
    """The states that may come next."""
    is_live: bool = False
    """It is executed, or will be without anyone's doing. Where this is false the run rests: nothing more happens to
    it by itself, so whoever follows it has seen the end of this attempt."""
    is_under_way: bool = False
    """Live, or waiting for nothing but its user's keys: what a target's users are shown as its current run, and what
    the results page keeps asking about."""
    is_final: bool = False
    """Over for the daemon, which owes nobody anything any more. Only a resume, if at all, brings it back."""


STATUS_TABLE: dict[RunStatus, StatusFacts] = {
    "queued": StatusFacts(
        followed_by=frozenset({"running", "cancelled", "needs credentials"}), is_live=True, is_under_way=True
    ),
    "running": StatusFacts(
        followed_by=frozenset({"finished", "failed", "cancelled", "interrupted", "needs credentials"}),
        is_live=True,
        is_under_way=True,
    ),
    "needs credentials": StatusFacts(followed_by=frozenset({"queued", "cancelled"}), is_under_way=True),
    "interrupted": StatusFacts(followed_by=frozenset({"queued", "needs credentials", "cancelled"})),
    "cancelled": StatusFacts(followed_by=frozenset({"queued"}), is_final=True),
    "failed": StatusFacts(followed_by=frozenset({"queued"}), is_final=True),
    "finished": StatusFacts(followed_by=frozenset(), is_final=True),
}
RUN_STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)

LIVE_STATUSES = frozenset(status for status, facts in STATUS_TABLE.items() if facts.is_live)
RESTING_STATUSES = frozenset(STATUS_TABLE) - LIVE_STATUSES
UNDER_WAY_STATUSES = frozenset(status for status, facts in STATUS_TABLE.items() if facts.is_under_way)
FINAL_STATUSES = frozenset(status for status, facts in STATUS_TABLE.items() if facts.is_final)
WORKER_ENDINGS = STATUS_TABLE["running"].followed_by
"""What a worker may say its run came to."""


def may_follow(old: RunStatus, new: RunStatus) -> bool:
    """Whether a run may go from `old` to `new` in one step. Staying is no step."""
    return new in STATUS_TABLE[old].followed_by
