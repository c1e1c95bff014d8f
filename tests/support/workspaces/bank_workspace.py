"""A small workspace to tune: one predictor, forty messages, and a model that needs demos and counts its calls."""

import json
from pathlib import Path

PYPROJECT = """\
[project]
name = "bank"
version = "1"

[tool.tunesmith.targets.triage]
program = "bank.triage:program"
metric = "bank.metric:exact"
trainset = "train.jsonl"
valset = "val.jsonl"
inputs = ["text"]
"""

TRIAGE = '''\
"""Sorts messages to a bank."""

from typing import Literal

import dspy

from bank.counting_lm import CountingLM


class Triage(dspy.Signature):
    """Tell what the message is about."""

    text: str = dspy.InputField()
    topic: Literal["card", "cash"] = dspy.OutputField()


class Sorter(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Triage)

    def forward(self, text):
        return self.sort(text=text)


program = Sorter()
program.set_lm(CountingLM())
'''

METRIC = """\
def exact(example, prediction, trace=None):
    return example.topic == prediction.topic
"""

COUNTING_LM = '''\
"""Without a demo it calls everything `card`; with one it reads the message. Every call is one line of a file."""

import os
import socket
import time
from pathlib import Path
from types import SimpleNamespace

import dspy

HERE = Path(__file__).parent
CALLS = HERE.parent / "calls.log"
SECONDS = HERE.parent / "seconds.txt"
ASKED = HERE.parent / "asked.txt"


class CountingLM(dspy.BaseLM):
    def __init__(self):
        super().__init__(model="counting", model_type="chat", temperature=0.0, max_tokens=100, cache=False)

    def forward(self, prompt=None, messages=None, **kwargs):
        log = os.open(CALLS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(log, b"call\\n")
        os.close(log)
        time.sleep(float(SECONDS.read_text()))
        if ASKED.exists():
            with socket.socket(socket.AF_UNIX) as test:
                test.connect(ASKED.read_text())
                test.recv(1)
        message = messages[-1]["content"].split("[[ ## text ## ]]")[1][:40]
        topic = "cash" if len(messages) > 2 and "cash" in message else "card"
        text = f"[[ ## topic ## ]]\\n{topic}\\n\\n[[ ## completed ## ]]"
        message = SimpleNamespace(content=text, tool_calls=None)
        return SimpleNamespace(
            choices=[SimpleNamespace(message=message, finish_reason="stop")],
            usage={"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            model="counting",
        )
'''


class Bank:
    """The workspace on disk."""

    def __init__(self, root: Path, *, seconds_per_call: float = 0.0) -> None:
        self.root = root
        self.source = root / "bank" / "triage.py"
        (root / "bank").mkdir(parents=True)
        self._write("pyproject.toml", PYPROJECT)
        self._write("bank/__init__.py", "")
        self._write("bank/triage.py", TRIAGE)
        self._write("bank/metric.py", METRIC)
        self._write("bank/counting_lm.py", COUNTING_LM)
        self._write("train.jsonl", _rows("train"))
        self._write("val.jsonl", _rows("val"))
        self.slow_down(seconds_per_call)

    def slow_down(self, seconds_per_call: float) -> None:
        self._write("seconds.txt", str(seconds_per_call))

    def ask_before_answering(self, socket_path: Path) -> None:
        """Each call connects there and waits for a byte."""
        self._write("asked.txt", str(socket_path))

    def calls(self) -> int:
        """Calls the model was asked for, answered or not."""
        log = self.root / "calls.log"
        return len(log.read_bytes().splitlines()) if log.exists() else 0

    def _write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, encoding="utf-8")


def _rows(split: str) -> str:
    topics = ["card", "cash"] * 10
    return "".join(
        json.dumps({"text": f"{topic} question {number} of {split}", "topic": topic}) + "\n"
        for number, topic in enumerate(topics)
    )
