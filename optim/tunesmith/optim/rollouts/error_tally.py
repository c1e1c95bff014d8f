"""Counting errors of one optimization, as dspy's `max_errors` does."""

import threading


class ErrorTally:
    """The errors of one optimization so far. Thread safe. With the one that makes `limit`, it ends with the first."""

    def __init__(self, limit: int | None) -> None:
        """`limit` None: `dspy.settings.max_errors`."""
        import dspy

        self.limit: int = dspy.settings.max_errors if limit is None else limit
        self.count = 0
        self.first: BaseException | None = None
        self._first_place = ""
        self._lock = threading.Lock()

    def add(self, error: BaseException, place: str) -> None:
        """`place` says which rollout it was: "example 3 of the training data"."""
        with self._lock:
            self.count += 1
            if self.first is None:
                self.first, self._first_place = error, place

    @property
    def exceeded(self) -> bool:
        """There were `limit` errors or more."""
        return self.first is not None and self.count >= self.limit

    def raise_if_exceeded(self) -> None:
        """Raises the first error, as it was raised, with a note."""
        if self.exceeded:
            self.raise_first(f"stopped after {self.count} errors (max_errors={self.limit})")

    def raise_first(self, why: str) -> None:
        """Raises the first error, as it was raised, with a note that says where and `why`."""
        assert self.first is not None
        self.first.add_note(f"{self._first_place}: {why}")
        raise self.first

    def warning(self) -> str | None:
        """One line about errors that did not end the optimization."""
        if self.first is None:
            return None
        return (
            f"{self.count} rollouts failed; the first, {self._first_place}: {type(self.first).__name__}: {self.first}"
        )
