"""What every prompt of an optimization says of the data and the program: asked for once."""

import threading
from collections.abc import Sequence

from tunesmith.optim.dspy_types import Example
from tunesmith.optim.proposer.analysis import Analysis, describe_data, describe_program
from tunesmith.optim.proposer.brief import data_question, program_question
from tunesmith.optim.proposer.hygiene import clean_text
from tunesmith.optim.proposer.prompt_model import PromptModel

SUMMARY_CHARACTERS = 1500


class SharedSummaries:
    """What is known by counting, with a few words of the prompt model. Thread safe."""

    def __init__(
        self, model: PromptModel, analysis: Analysis, examples: Sequence[Example], views: frozenset[str], seed: int
    ) -> None:
        """Only what one of `views` shows is asked for."""
        self._model, self._analysis, self._examples = model, analysis, examples
        self._views, self._seed = views, seed
        self._summaries: tuple[str, str] | None = None
        self._lock = threading.Lock()

    def get(self) -> tuple[str, str]:
        """Of the data and of the program: asked for once, whatever the number of predictors and variants."""
        with self._lock:
            if self._summaries is None:
                data, program = "\n".join(describe_data(self._analysis.data)), self._plain_program()
                if self._examples and "data" in self._views:
                    data = self._summary(data_question(self._analysis, self._examples, self._seed), "data", data)
                if program and "role" in self._views:
                    program = self._summary(program_question(self._analysis), "program", program)
                self._summaries = (data, program)
            return self._summaries

    def _summary(self, question: str, of: str, plain: str) -> str:
        """The model's words below what is known by counting."""
        answer = clean_text(self._model.ask(question, f"summary of the {of}") or "")[:SUMMARY_CHARACTERS]
        return f"{plain}\n{answer}" if answer else plain

    def _plain_program(self) -> str:
        """Empty where a single predictor is all there is."""
        program = self._analysis.program
        return "\n".join(describe_program(program)) if program.source or len(program.predictors) > 1 else ""
