"""The first step of the desk as a program of its own, so that its instruction can be tuned alone."""

import dspy

from bike_desk import SortMessage

sorter = dspy.Predict(SortMessage, max_tokens=32)
