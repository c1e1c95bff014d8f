"""Before a training: does it fit, and what will it take; after it, whether that was right."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.base_models import ModelDescription, description_of, load_config, load_tokenizer
from tunesmith.optim.finetune.data import Dataset
from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.optim.finetune.rows import Row
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training import Trained
from tunesmith.protocol import Prediction
from tunesmith.protocol.student import ModelSource


class Expected(Struct, frozen=True):
    """What one training is thought to need."""

    predictions: list[Prediction]

    def against(self, trained: Trained) -> list[Prediction]:
        """The predictions with what came of them; as they were where the training was cut short."""
        from tunesmith.optim.finetune.forecast.prediction import with_actual

        ended = trained.ended
        if ended.stopped == "cancelled":
            return self.predictions
        return with_actual(self.predictions, peak_bytes=ended.peak_bytes, seconds=ended.seconds)


class Forecast:
    """What trainings of one model on one data set will take: nothing of it but configuration and tokenizer is loaded.

    Raises as `load_config` and `load_tokenizer`.
    """

    def __init__(self, source: ModelSource, dataset: Dataset) -> None:
        self._source, self._dataset = source, dataset
        self._config = load_config(source)
        self._known: dict[tuple[Any, ...], Any] = {}

    @cached_property
    def description(self) -> ModelDescription:
        """Of the model, from its configuration."""
        return description_of(self._config, self._source.name)

    @cached_property
    def free_bytes(self) -> int:
        """Bytes a training could take on this machine, asked once."""
        from tunesmith.optim.finetune.forecast.free_memory import free_memory

        return free_memory()

    def memory(self, settings: TrainSettings) -> int:
        """Bytes at the peak of a training on the data set's rows."""
        from tunesmith.optim.finetune.forecast.memory import training_memory

        return training_memory(self._workload(settings, self._dataset.train), _device()).total_bytes

    def check(self, settings: TrainSettings) -> None:
        """Raises `MemoryTooSmall` with what fits instead."""
        from tunesmith.optim.finetune.forecast.fits import check_memory

        check_memory(self.description, settings, memory=self.memory, free_bytes=self.free_bytes)

    def predict(self, settings: TrainSettings, rows: Sequence[Row]) -> Expected:
        """Peak memory and time of a training on those of `rows` that `settings.tasks` names."""
        from tunesmith.optim.finetune.forecast.hardware import this_machine
        from tunesmith.optim.finetune.forecast.memory import training_memory
        from tunesmith.optim.finetune.forecast.prediction import predict_training
        from tunesmith.optim.finetune.forecast.training_time import training_time

        workload = self._workload(settings, rows)
        time = training_time(workload, this_machine(is_bf16=workload.is_bf16), dev_rows=len(self._dataset.dev))
        return Expected(predict_training(training_memory(workload, _device()), time))

    def _workload(self, settings: TrainSettings, rows: Sequence[Row]) -> Any:
        """Raises `FinetuneError` where the rows cannot be trained on: earlier than the training would."""
        from tunesmith.optim.finetune.batching import encode_rows
        from tunesmith.optim.finetune.forecast.row_sizes import measure_rows
        from tunesmith.optim.finetune.forecast.workload import measure_workload
        from tunesmith.optim.finetune.training import computes_in_bf16

        key = (msgspec.json.encode(settings), len(rows))
        if key not in self._known:
            own = [row for row in rows if row.predictor in settings.tasks]
            encoded, _ = encode_rows(own, self._prompting, settings)
            self._known[key] = measure_workload(
                self._config,
                self.description,
                settings,
                measure_rows(encoded),
                is_bf16=computes_in_bf16(settings),
            )
        return self._known[key]

    @cached_property
    def _prompting(self) -> Any:
        return prompting_for(load_tokenizer(self._source), self.description.architecture)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
