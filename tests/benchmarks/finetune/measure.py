"""Finetuning measured, side by side with what people would use instead.

`python tests/benchmarks/finetune/measure.py [--device cuda] [--model t5-base] [--parts speed estimate serving]`

`--model` is one of the bundled configurations, with random weights; without it, four layers of SmolLM2's shape on a
CPU and Llama-3.2-1B on a GPU. Results are kept in `results.json` and `results.md` here; `--quick` keeps nothing.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from benchmarks.finetune.device import device_name
from benchmarks.finetune.estimate import estimate_table, measure_estimates
from benchmarks.finetune.queries import CALLERS
from benchmarks.finetune.results import Result, keep, today
from benchmarks.finetune.serving import measure_serving, serving_table
from benchmarks.finetune.speed import measure_speed, speed_table, workload_of
from benchmarks.finetune.workload import Workload

ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller model, once; under a minute")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--model")
    parser.add_argument("--parts", nargs="+", choices=tuple(PARTS), help="all of them; with --quick the first")
    parser.add_argument("--threads", type=int, help="compute threads on a CPU; torch's choice where not given")
    parser.add_argument("--batch", type=int, help="examples an optimizer step")
    parser.add_argument("--method", choices=("full", "lora"))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    given = {"threads": options.threads, "batch_examples": options.batch, "method": options.method}
    workload = workload_of(
        options.model,
        options.device,
        quick=options.quick,
        **{name: value for name, value in given.items() if value is not None},
    )
    for part in options.parts or list(PARTS)[: 1 if options.quick else None]:
        result = PARTS[part](workload, 1 if options.quick else options.rounds)
        print(f"\n{result.workload}\n{result.device}\n\n{result.table}", flush=True)
        if not options.quick:
            keep(result)
    return 0


def speed(workload: Workload, rounds: int) -> Result:
    speeds = measure_speed(workload, rounds)
    return _result("speed", workload, speed_table(speeds), {"workload": workload, "speeds": speeds})


def _result(part: str, workload: Workload, table: str, details: dict[str, Any]) -> Result:
    return Result(
        part=part,
        device=device_name(workload.device),
        workload=workload.name,
        date=today(),
        table=table,
        details=msgspec.to_builtins(details),
    )


def estimate(workload: Workload, rounds: int) -> Result:
    compared = measure_estimates(workload)
    return _result("estimate", workload, estimate_table(compared), {"compared": compared})


def serving(workload: Workload, rounds: int) -> Result:
    rates = measure_serving()
    result = _result("serving", workload, serving_table(rates, workload.device), {"rates": rates})
    return msgspec.structs.replace(result, workload=f"{len(rates)} models, {CALLERS} callers")


PARTS: dict[str, Callable[[Workload, int], Result]] = {"speed": speed, "estimate": estimate, "serving": serving}


if __name__ == "__main__":
    sys.exit(main())
