"""What is expected of a training, beside what came of it."""

import msgspec

from tunesmith.optim.finetune.forecast.memory import MemoryForecast
from tunesmith.optim.finetune.forecast.training_time import TimeForecast
from tunesmith.protocol import Prediction

MEMORY_WITHIN, TIME_WITHIN = 0.10, 0.25
"""Relative errors that a calibrated forecast promises."""
TRAINING_MEMORY, TRAINING_TIME = "training memory", "training time"


def predict_training(memory: MemoryForecast, time: TimeForecast) -> list[Prediction]:
    """Peak memory in bytes and time in seconds, in the report's form, before the training."""
    total = float(memory.total_bytes)
    return [
        Prediction(
            what=TRAINING_MEMORY,
            unit="bytes",
            predicted=total,
            low=total * (1 - MEMORY_WITHIN),
            high=total * (1 + MEMORY_WITHIN),
            actual=None,
        ),
        Prediction(what=TRAINING_TIME, unit="seconds", predicted=time.mean, low=time.low, high=time.high, actual=None),
    ]


def with_actual(predictions: list[Prediction], *, peak_bytes: int, seconds: float) -> list[Prediction]:
    """Of a training that ended."""
    actual = {TRAINING_MEMORY: float(peak_bytes), TRAINING_TIME: seconds}
    return [msgspec.structs.replace(one, actual=actual.get(one.what, one.actual)) for one in predictions]
