"""What a benchmark returns: one of our numbers beside a peer's, taken in the same run."""

from typing import NamedTuple


class Measurement(NamedTuple):
    name: str
    ours: float
    peer: float
    unit: str
    peer_name: str
    goal: str

    @property
    def ratio(self) -> float:
        """Ours over the peer's."""
        return self.ours / self.peer if self.peer else float("nan")
