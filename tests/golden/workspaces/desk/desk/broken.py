"""A program that cannot be imported."""

import dspy

program = dspy.Predict("text -> topic")


def need(what):
    raise LookupError(f"there is no {what} today")


need("coffee")
