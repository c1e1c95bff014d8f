"""Reports and estimates of finetuning, for tests of what reads them."""

import json
from pathlib import Path
from typing import Any

from tunesmith.protocol import (
    ArmGain,
    ArmName,
    ArmScore,
    BreakEven,
    Comparison,
    FinetuneEstimate,
    FinetuneReport,
    Gain,
    HardwareEstimate,
    Prediction,
    Score,
    SecondsRange,
    StrategyEstimate,
    StudentInfo,
)


def student(*tasks: str, path: str = "students/all", **changes: Any) -> StudentInfo:
    values: dict[str, Any] = {
        "path": path,
        "model": "local/smollm2-135m",
        "method": "lora",
        "tasks": list(tasks),
        "weights_bytes": 19_600_000,
        "fingerprint": "f" * 64,
    }
    return StudentInfo(**values | changes)


def arm(name: ArmName, mean: float, **changes: Any) -> ArmScore:
    values: dict[str, Any] = {
        "name": name,
        "score": Score(score=mean, low=mean - 0.08, high=mean + 0.08, n=60),
        "unparsed": 0,
        "seconds_per_answer": 0.31,
        "usd_per_passing": None,
    }
    return ArmScore(**values | changes)


def gain_over(name: ArmName, mean: float, half: float = 0.1, **changes: Any) -> ArmGain:
    values: dict[str, Any] = {
        "mean": mean,
        "low": mean - half,
        "high": mean + half,
        "probability": 0.993,
        "verdict": "confirmed",
    }
    return ArmGain(over=name, gain=Gain(**values | changes))


COMPARISON = Comparison(
    arms=[
        arm("base", 0.12, unparsed=14),
        arm("few-shot", 0.55, unparsed=3, seconds_per_answer=0.52),
        arm("tuned", 0.85),
        arm("teacher", 0.9, seconds_per_answer=1.1, usd_per_passing=0.0021),
    ],
    gains=[
        gain_over("base", 0.73),
        gain_over("few-shot", 0.3),
        gain_over("teacher", -0.05, probability=0.2, verdict="no gain"),
    ],
)
PAYS = [
    BreakEven(api="openai/gpt-4o", queries=5470.2, basis="$0.0045 an answer, training $0.31"),
    BreakEven(api="local/smollm2-135m", queries=None, basis="it costs nothing"),
]


def finetune_report(**changes: Any) -> FinetuneReport:
    values: dict[str, Any] = {
        "students": [student("sort")],
        "comparison": COMPARISON,
        "predictions": [
            Prediction(what="training memory", unit="bytes", predicted=1.4e9, low=1.2e9, high=1.6e9, actual=1.48e9),
            Prediction(what="training time", unit="seconds", predicted=200, low=120, high=300, actual=None),
        ],
        "rows": 1180,
        "refused": {"too long": 2},
        "warnings": ["only 38 inputs passed"],
        "break_even": PAYS,
        "why": ["lora: 1,180 rows are few for 134.5 M parameters"],
    }
    return FinetuneReport(**values | changes)


def finetune_estimate(**changes: Any) -> FinetuneEstimate:
    seconds = SecondsRange(low=120, mean=200, high=330)
    lora = StrategyEstimate(
        name="lora", memory_bytes=1_400_000_000, fits=True, train_seconds=seconds, trainable=4_884_480
    )
    full = StrategyEstimate(
        name="full",
        memory_bytes=30_200_000_000,
        fits=False,
        train_seconds=SecondsRange(low=300, mean=400, high=600),
        trainable=134_515_008,
    )
    values: dict[str, Any] = {
        "model": "local/smollm2-135m",
        "architecture": "causal",
        "parameters": 134_515_008,
        "strategies": [full, lora],
        "picked": "lora",
        "why": ["few rows for so many parameters"],
        "serving_bytes": 600_000_000,
        "hardware": [
            HardwareEstimate(
                name="this machine", memory_bytes=25_000_000_000, fits=True, train_seconds=seconds, usd=None
            ),
            HardwareEstimate(
                name="RTX 3090",
                memory_bytes=24_000_000_000,
                fits=True,
                train_seconds=SecondsRange(low=8, mean=14, high=25),
                usd=0.0012,
            ),
            HardwareEstimate(name="tiny", memory_bytes=1_000_000_000, fits=False, train_seconds=seconds, usd=0.1),
        ],
        "break_even": PAYS,
        "warnings": ["soft prompts are weak below 3 B parameters"],
    }
    return FinetuneEstimate(**values | changes)


def write_student(folder: Path, *, fingerprint: str = "f" * 64, name: str = "local/smollm2-135m") -> Path:
    """A student's folder as training leaves it, with weights nobody can use."""
    source = {"name": name, "kind": "gguf", "path": "/home/someone/models/smollm2.gguf"}
    manifest = {
        "version": 1,
        "source": source,
        "architecture": "causal",
        "method": "lora",
        "tasks": ["sort"],
        "weights": "adapter",
        "max_new_tokens": 20,
        "fingerprint": fingerprint,
        "created": 0.0,
    }
    files = {
        "student.json": json.dumps(manifest),
        "adapter/adapter_model.safetensors": "weights",
        "adapter/adapter_config.json": "{}",
        "tokenizer/tokenizer.json": "{}",
        "exports/gguf/student.gguf": "exported",
        "train.jsonl": "rows",
        "checkpoints/last/state.safetensors": "state",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder
