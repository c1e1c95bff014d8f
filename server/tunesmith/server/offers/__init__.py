"""What a request reads, and what a run found that the source does not have yet: what could be applied here, and how."""

from tunesmith.server.offers.applied import Applied
from tunesmith.server.offers.offer import Offer
from tunesmith.server.offers.snapshot import Snapshot

__all__ = [
    "Applied",
    "Offer",
    "Snapshot",
]
