"""`transformers.Trainer` on a workload, as a careful user would set it up: batches grouped by length, padded to their
longest, labels of the targets alone, the fused optimizer."""

import tempfile
from typing import Any

import torch
import transformers

from benchmarks.finetune.step_clock import Speed, StepClock
from benchmarks.finetune.workload import LEARNING_RATE, SEED, Workload, architecture_of, build_model, examples_of
from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.protocol.student import Architecture

NO_LABEL = -100


class Ticking(transformers.TrainerCallback):
    def __init__(self, clock: StepClock) -> None:
        self._clock = clock

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._clock.tick()


class Collator:
    """Pads on the right, and counts what is computed."""

    def __init__(self) -> None:
        self.tokens = self.examples = 0

    def __call__(self, features: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        ids = _padded([one["input_ids"] for one in features], 0)
        labels = _padded([one["labels"] for one in features], NO_LABEL)
        mask = _padded([[1] * len(one["input_ids"]) for one in features], 0)
        is_seq2seq = len(features[0]["labels"]) < len(features[0]["input_ids"])
        self.tokens += ids.numel() + is_seq2seq * labels.numel()
        self.examples += len(features)
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def train(workload: Workload) -> Speed:
    examples = examples_of(workload)
    features = [_features(example, architecture_of(workload)) for example in examples]
    model, clock, collator = build_model(workload), StepClock(workload), Collator()
    loss_before = _mean_loss(model, Collator()(features[: workload.batch_examples]), workload)
    if workload.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=workload.batch_examples,
            train_sampling_strategy="group_by_length",
            max_steps=workload.all_steps,
            learning_rate=LEARNING_RATE,
            optim="adamw_torch_fused",
            bf16=workload.precision == "bf16",
            use_cpu=workload.device == "cpu",
            seed=SEED,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        trainer = transformers.Trainer(
            model=model,
            args=arguments,
            train_dataset=features,
            data_collator=collator,
            callbacks=[Ticking(clock)],
        )
        trainer.train()
    return clock.speed(
        tokens=sum(example.tokens for example in examples) / len(examples),
        computed_tokens=collator.tokens / collator.examples,
        loss_before=loss_before,
        layout="grouped by length",
    )


def _features(example: Encoded, architecture: Architecture) -> dict[str, list[int]]:
    if architecture == "seq2seq":
        return {"input_ids": example.prompt, "labels": example.target}
    return {
        "input_ids": example.prompt + example.target,
        "labels": [NO_LABEL] * len(example.prompt) + example.target,
    }


def _padded(rows: list[list[int]], padding: int) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [padding] * (width - len(row)) for row in rows])


@torch.no_grad()
def _mean_loss(model: Any, batch: dict[str, torch.Tensor], workload: Workload) -> float:
    model.eval()
    with torch.autocast(workload.device, dtype=torch.bfloat16, enabled=workload.precision == "bf16"):
        loss: float = model(**{name: value.to(workload.device) for name, value in batch.items()}).loss.item()
    return loss
