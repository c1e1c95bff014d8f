"""Part two: what was expected of trainings, before and after a probe, and what came."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from benchmarks.finetune.queries import WORDS, asks
from benchmarks.finetune.workload import SEED, Workload, build_model, config_of
from tunesmith.optim.finetune.base_models.description import description_of
from tunesmith.optim.finetune.base_models.loading import architecture_of, load_config, load_tokenizer
from tunesmith.optim.finetune.batching.encoding import encode_rows
from tunesmith.optim.finetune.forecast.hardware import this_machine
from tunesmith.optim.finetune.forecast.memory import training_memory
from tunesmith.optim.finetune.forecast.prediction import MEMORY_WITHIN, TIME_WITHIN
from tunesmith.optim.finetune.forecast.probe import probe_training, probed_memory, probed_time
from tunesmith.optim.finetune.forecast.row_sizes import measure_rows
from tunesmith.optim.finetune.forecast.training_time import training_time
from tunesmith.optim.finetune.forecast.workload import measure_workload
from tunesmith.optim.finetune.prompting.for_model import prompting_for
from tunesmith.optim.finetune.rows import Row, write_rows
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training.messages import TrainSpec
from tunesmith.optim.finetune.training.process import run_training
from tunesmith.protocol.student import ModelSource

TRAIN_ROWS, DEV_ROWS = 96, 16
EPOCHS = 2


class Compared(Struct, frozen=True, kw_only=True):
    """One training's peak memory (bytes) or time (seconds)."""

    model: str
    what: str
    static: float
    """Expected from the configuration alone, on hardware timed for half a second."""
    probed: float
    """Expected after a few real steps."""
    actual: float
    within: float
    """What the better estimate promises."""


def measure_estimates(workload: Workload) -> list[Compared]:
    """Of the workload's model with all its weights and with LoRA, and on a CPU of T5-small, really trained."""
    workloads = [replace(workload, method="full"), replace(workload, method="lora")]
    if workload.device == "cpu":
        workloads.append(replace(workload, model="t5-small", layers=None, vocabulary=None, method="lora"))
    return [compared for one in workloads for compared in _compare(one)]


def estimate_table(compared: list[Compared]) -> str:
    lines = [
        "| training | | expected | after a probe | came | error | error after a probe | goal |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in compared:
        scale, unit = (1e9, "GB") if one.what == "memory" else (1.0, "s")
        error, probed_error = one.static / one.actual - 1, one.probed / one.actual - 1
        # Memory is promised before anything runs; time, once the machine was seen at work.
        counts = error if one.what == "memory" else probed_error
        lines.append(
            f"| {one.model} | {one.what} | {one.static / scale:.2f} {unit} | {one.probed / scale:.2f} {unit} "
            f"| {one.actual / scale:.2f} {unit} | {error:+.1%} | {probed_error:+.1%} "
            f"| within {one.within:.0%}: {'met' if abs(counts) <= one.within else 'missed'} |"
        )
    return "\n".join(lines)


def _compare(workload: Workload) -> Iterator[Compared]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source = _saved_model(workload, folder / "base")
        rows = _rows(TRAIN_ROWS + DEV_ROWS)
        settings = TrainSettings(
            method=workload.method,
            tasks=["module"],
            epochs=EPOCHS,
            batch_examples=workload.batch_examples,
            batch_tokens=workload.batch_tokens,
            evaluations=2,
            patience=1_000,
            precision=workload.precision,
            threads=workload.threads,
        )
        config, tokenizer = load_config(source), load_tokenizer(source)
        architecture = architecture_of(config, source.name)
        is_bf16 = workload.precision == "bf16"
        train, dev = rows[:TRAIN_ROWS], rows[TRAIN_ROWS:]
        encoded, _ = encode_rows(train, prompting_for(tokenizer, architecture), settings)
        load = measure_workload(config, description_of(config), settings, measure_rows(encoded), is_bf16=is_bf16)
        hardware = this_machine(is_bf16=is_bf16)
        memory = training_memory(load, hardware.device).total_bytes
        seconds = training_time(load, hardware, dev_rows=len(dev)).mean
        probe = probe_training(source, settings, train)
        assert probe is not None
        write_rows(folder / "train.jsonl", train)
        write_rows(folder / "dev.jsonl", dev)
        spec = TrainSpec(
            source=source,
            settings=settings,
            train=str(folder / "train.jsonl"),
            dev=str(folder / "dev.jsonl"),
            folder=str(folder),
        )
        ended = run_training(spec, on_event=lambda _: None, should_stop=lambda: False)
        name = workload.name
        yield Compared(
            model=name,
            what="memory",
            static=memory,
            probed=probed_memory(probe).total_bytes,
            actual=ended.peak_bytes,
            within=MEMORY_WITHIN,
        )
        yield Compared(
            model=name,
            what="time",
            static=seconds,
            probed=probed_time(probe, load, dev_rows=len(dev)).mean,
            actual=probe.start_seconds + ended.seconds,
            within=TIME_WITHIN,
        )


def _saved_model(workload: Workload, folder: Path) -> ModelSource:
    from support.students.tiny_models import causal_tokenizer, t5_tokenizer

    build_model(replace(workload, method="full", device="cpu")).save_pretrained(folder)
    (t5_tokenizer() if config_of(workload).is_encoder_decoder else causal_tokenizer()).save_pretrained(folder)
    return ModelSource(name=workload.model, kind="folder", path=str(folder))


def _rows(count: int) -> list[Row]:
    draw = random.Random(SEED)
    return [
        Row(
            predictor="module",
            example=number,
            source=str(number),
            messages=ask.messages,
            target=f"[[ ## label ## ]]\n{draw.choice(WORDS)}\n\n[[ ## completed ## ]]",
            score=1.0,
        )
        for number, ask in enumerate(asks(count))
    ]
