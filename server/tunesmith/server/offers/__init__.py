"""What a run found and the source does not have yet: what could be applied here, in which forms."""

from tunesmith.server.offers.applied import Applied, find_applied
from tunesmith.server.offers.forms import possible_forms
from tunesmith.server.offers.snapshot import Snapshot

__all__ = [
    "Applied",
    "Snapshot",
    "find_applied",
    "possible_forms",
]
