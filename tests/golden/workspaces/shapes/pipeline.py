"""Modules within modules, within lists and dicts, and made in loops."""

import dspy

from parts.steps import Bare, CheckedStep, Extract, Step


def search(query: str) -> list[str]:
    return []


class Pipeline(dspy.Module):
    def __init__(self, count=3):
        super().__init__()
        self.first = Step()
        self.checked = CheckedStep()
        self.bare = Bare()
        self.listed = [dspy.Predict("question -> answer"), dspy.ChainOfThought(Extract)]
        self.named = {"short": dspy.Predict("text -> summary"), "long": Step()}
        self.many = [dspy.Predict("question -> answer") for _ in range(count)]
        self.agent = dspy.ReAct("question -> answer", tools=[search])
        self.refined = dspy.Predict(Extract.with_instructions("Extract the names."))
        self.made = dspy.Predict(dspy.Signature("text -> label: str", "Label the text."))
        for name in ("one", "two"):
            setattr(self, name, dspy.Predict("a -> b"))

    def forward(self, document):
        return self.first(document=document)


pipeline = Pipeline()
alone = dspy.ChainOfThought("question: str, context: list[str] -> answer: float")
pipeline.load("compiled/pipeline.json")
