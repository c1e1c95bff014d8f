"""The first step of the desk as a program of its own."""

from typing import Literal

import dspy

from desk.scripted import ScriptedModel


class Topic(dspy.Signature):
    """Tell the topic."""

    text: str = dspy.InputField()
    topic: Literal["loan", "fine"] = dspy.OutputField()


sorter = dspy.Predict(Topic)
sorter.set_lm(ScriptedModel())
