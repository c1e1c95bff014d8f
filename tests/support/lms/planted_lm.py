"""A language model whose answers depend on its instruction and demos as a test plants it, and on nothing else."""

import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.lms.scripted_lm import ScriptedLM, field

Chance = Callable[[str, int], float]
"""From the system message and the number of demos shown to the chance of a right answer."""


class PlantedLM(ScriptedLM):
    """Answers `question` in capitals, or "wrong": each question fails below a chance of its own, so that equal prompts
    get equal answers and better ones keep what was right before."""

    def __init__(self, chance: Chance, **settings: Any) -> None:
        super().__init__(lambda _: {}, **settings)
        self.chance = chance

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        demos = sum(message["role"] == "assistant" for message in messages)
        chance = self.chance(messages[0]["content"], demos)
        self.answer = lambda asked: {"answer": self._say(field("question", asked), chance)}
        return super()._use_example(messages)

    def _say(self, question: str, chance: float) -> str:
        return question.upper() if random.Random(question).random() < chance else "wrong"


class FlakyLM(PlantedLM):
    """Fails one call in so many, as an overloaded provider does; the next call of the same prompt may pass."""

    def __init__(self, chance: Chance, *, failing: float, seed: int = 0, **settings: Any) -> None:
        super().__init__(chance, **settings)
        self.failing = failing
        self.failures: list[str] = []
        """Questions that were not answered; shared with every copy."""
        self._draw = random.Random(seed)

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        with self.lock:
            fails = self._draw.random() < self.failing
        if fails:
            self.failures.append(messages[-1]["content"])
            raise TimeoutError("overloaded")
        return super()._use_example(messages)


class TellingLM(PlantedLM):
    """Writes down each call before it answers, and takes a moment to. A byte goes to `told` for each call."""

    def __init__(self, chance: Chance, log: Path, told: int) -> None:
        super().__init__(chance)
        self.log, self.told = log, told

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        with self.log.open("a") as log:
            log.write(json.dumps(messages) + "\n")
        os.write(self.told, b".")
        time.sleep(0.002)
        return super()._use_example(messages)
