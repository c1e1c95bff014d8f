"""The help desk of a bike rental: what is a message about, and which bike does it mean?"""

from typing import Literal

import dspy


class SortMessage(dspy.Signature):
    """Decide what a message to a bike rental is about."""

    message: str = dspy.InputField()
    topic: Literal["broken", "money"] = dspy.OutputField()


class FindBike(dspy.Signature):
    """Find the number of the bike."""

    message: str = dspy.InputField()
    bike: int = dspy.OutputField()


class BikeDesk(dspy.Module):
    def __init__(self):
        super().__init__()
        # An answer is one word or one number.
        self.sort = dspy.Predict(SortMessage, max_tokens=32)
        self.find = dspy.Predict(FindBike, max_tokens=32)

    def forward(self, message):
        topic = self.sort(message=message).topic
        bike = self.find(message=message).bike
        return dspy.Prediction(topic=topic, bike=bike)


desk = BikeDesk()
