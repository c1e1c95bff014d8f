"""The desk of a library: what is a message about, and what is answered?"""

from typing import Literal

import dspy

from desk.scripted import ScriptedModel


class Sort(dspy.Signature):
    """Tell what the message is about."""

    text: str = dspy.InputField()
    topic: Literal["loan", "fine"] = dspy.OutputField(desc="one word")


class Reply(dspy.Signature):
    """Answer the message."""

    text: str = dspy.InputField()
    topic: str = dspy.InputField()
    reply: str = dspy.OutputField()


class Desk(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)
        self.reply = dspy.ChainOfThought(Reply)

    def forward(self, text):
        if "forbidden" in text:
            raise ValueError(f"cannot handle {text!r}")
        topic = self.sort(text=text).topic
        return dspy.Prediction(topic=topic, reply=self.reply(text=text, topic=topic).reply)


print("the desk opens")
desk = Desk()
desk.set_lm(ScriptedModel())
