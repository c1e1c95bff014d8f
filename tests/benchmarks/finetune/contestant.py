"""One contestant in a process of its own, so that its peak memory is its own: `contestant.py NAME WORKLOAD`.

The last line it prints is its `Speed` as JSON.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from benchmarks.finetune.step_clock import Speed
from benchmarks.finetune.workload import Workload, read_workload

PACKED, BUCKETED, TRAINER = "ours, packed", "ours, by length", "transformers.Trainer"


def train_packed(workload: Workload) -> Speed:
    from benchmarks.finetune import ours

    return ours.train(workload, "auto")


def train_bucketed(workload: Workload) -> Speed:
    from benchmarks.finetune import ours

    return ours.train(workload, "off")


def train_with_trainer(workload: Workload) -> Speed:
    from benchmarks.finetune import hf_trainer

    return hf_trainer.train(workload)


CONTESTANTS: dict[str, Callable[[Workload], Speed]] = {
    PACKED: train_packed,
    BUCKETED: train_bucketed,
    TRAINER: train_with_trainer,
}


def run_apart(name: str, workload: Workload) -> Speed:
    """Raises CalledProcessError; what went wrong is then on standard error."""
    command = [sys.executable, __file__, name, msgspec.json.encode(workload).decode()]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return msgspec.json.decode(said.splitlines()[-1], type=Speed)


if __name__ == "__main__":
    print(msgspec.json.encode(CONTESTANTS[sys.argv[1]](read_workload(sys.argv[2]))).decode())
