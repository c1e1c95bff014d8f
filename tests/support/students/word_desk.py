"""A program of two predictors whose rules a tiny encoder-decoder learns in seconds, and a teacher that knows them."""

from random import Random
from typing import Any, Literal

import dspy

from support.lms.scripted_lm import ScriptedLM, field

COLORS = {"one": "red", "two": "green", "three": "blue"}
OTHERS = ("the", "of", "to", "is", "with", "value", "name", "list")


class NameColor(dspy.Signature):
    """Name the color."""

    text: str = dspy.InputField()
    color: Literal["red", "green", "blue"] = dspy.OutputField()


class SayWhether(dspy.Signature):
    """Is it true?"""

    text: str = dspy.InputField()
    answer: Literal["yes", "no"] = dspy.OutputField()


class WordDesk(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.color = dspy.Predict(NameColor)
        self.truth = dspy.Predict(SayWhether)

    def forward(self, text: str) -> Any:
        return dspy.Prediction(color=self.color(text=text).color, answer=self.truth(text=text).answer)


def both_right(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(prediction.color == example.color and prediction.answer == example.answer)


def word_examples(count: int, seed: int = 0) -> list[Any]:
    """No text twice."""
    random, seen = Random(seed), dict[str, Any]()
    while len(seen) < count:
        number, truth = random.choice(list(COLORS)), random.choice(["true", "false"])
        words = [number, truth, *random.sample(OTHERS, 2)]
        random.shuffle(words)
        text = " ".join(words)
        answer = "yes" if truth == "true" else "no"
        seen[text] = dspy.Example(text=text, color=COLORS[number], answer=answer).with_inputs("text")
    return list(seen.values())


def knowing_lm(**settings: Any) -> ScriptedLM:
    """Answers every text right."""

    def answer(asked: str) -> dict[str, Any]:
        words = field("text", asked).split()
        if "`[[ ## color ## ]]`" in asked:
            return {"color": next(COLORS[word] for word in words if word in COLORS)}
        return {"answer": "yes" if "true" in words else "no"}

    return ScriptedLM(answer, **settings)
