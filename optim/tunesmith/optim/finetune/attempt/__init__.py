"""One rendering of the traces: what is planned for it, and the students trained on it."""

from tunesmith.optim.finetune.attempt.attempt import Attempt, train_attempt

__all__ = [
    "Attempt",
    "train_attempt",
]
