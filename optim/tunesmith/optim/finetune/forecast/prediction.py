"""What was expected of a training, kept in its folder beside what came of it."""

from pathlib import Path

import msgspec

from tunesmith.optim.finetune.forecast.memory import MemoryEstimate
from tunesmith.optim.finetune.forecast.training_time import TimeEstimate
from tunesmith.protocol import Prediction

PREDICTIONS = "predictions.json"
MEMORY_WITHIN, TIME_WITHIN = 0.10, 0.25
"""What a calibrated estimate promises."""
TRAINING_MEMORY, TRAINING_TIME = "training memory", "training time"


def predict_training(memory: MemoryEstimate, time: TimeEstimate) -> list[Prediction]:
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


def error_of(prediction: Prediction) -> float | None:
    """Relative to what came: 0.1 is ten percent too much. None where nothing was measured."""
    if not prediction.actual:
        return None
    return prediction.predicted / prediction.actual - 1


def write_predictions(folder: Path, predictions: list[Prediction]) -> None:
    scratch = folder / f".{PREDICTIONS}"
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(predictions), indent=2) + b"\n")
    scratch.replace(folder / PREDICTIONS)


def read_predictions(folder: Path) -> list[Prediction]:
    """Empty where none were written. Raises `msgspec.DecodeError` for a file that holds something else."""
    try:
        return msgspec.json.decode((folder / PREDICTIONS).read_bytes(), type=list[Prediction])
    except FileNotFoundError:
        return []
