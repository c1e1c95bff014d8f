"""Signatures and single steps."""

import dspy


class Extract(dspy.Signature):
    """Extract what matters."""

    document: str = dspy.InputField(desc="plain text")
    facts: list[str] = dspy.OutputField()


class ExtractDated(Extract):
    """Extract what matters, with its date."""

    date: str | None = dspy.OutputField(desc="as written")


class Step(dspy.Module):
    def __init__(self, signature=Extract):
        super().__init__()
        self.extract = dspy.Predict(signature)

    def forward(self, document):
        return self.extract(document=document)


class CheckedStep(Step):
    """A step with one more predictor than its base."""

    def __init__(self):
        super().__init__(ExtractDated)
        self.check = dspy.ChainOfThought("document, facts -> verdict: bool")


class Bare(Step):
    pass
