"""Which proposals are taken: within the bounds, and saying something new."""

from collections.abc import Mapping, Sequence

from tunesmith.optim.demos import Embedder
from tunesmith.optim.dspy_types import Example, Signature
from tunesmith.optim.proposer.analysis import Analysis
from tunesmith.optim.proposer.hygiene import Bounds, LeakCheck, without_repeats
from tunesmith.optim.proposer.label_values import label_values
from tunesmith.optim.proposer.program_outline import field_outlines
from tunesmith.optim.proposer.proposal import Proposal
from tunesmith.optim.proposer.scripts import dominant_script

LONG_INSTRUCTION = 200
"""Characters from which two instructions that hold it look alike whatever they add."""


class Acceptance:
    """Remembers what was taken for each predictor."""

    def __init__(
        self,
        analysis: Analysis,
        signatures: Mapping[str, Signature],
        examples: Sequence[Example],
        *,
        embedder: Embedder | str | None,
        most_characters: int,
    ) -> None:
        self._analysis, self._signatures, self._embedder = analysis, signatures, embedder
        leaks = LeakCheck(examples, self._allowed_texts())
        self._bounds = Bounds(scripts=self._scripts(), leaks=leaks, max_characters=most_characters)
        self._taken: dict[str, list[str]] = {name: [] for name in signatures}

    def allows(self, text: str) -> bool:
        """A cleaned text is within the bounds."""
        return self._bounds.violated(text) is None

    def remember(self, proposals: Sequence[Proposal]) -> None:
        """They were taken: none like them is accepted again."""
        for proposal in proposals:
            self._taken[proposal.predictor].append(proposal.text)

    def accept(
        self, predictor: str, proposals: Sequence[Proposal], earlier: Sequence[str], *, any_script: bool = False
    ) -> list[Proposal]:
        """Those within the bounds that repeat neither the current instruction, nor `earlier`, nor what was taken.

        `any_script`: English templates are fine where the data is not.
        """
        fitting = [one for one in proposals if self._bounds.violated(one.text, any_script=any_script) is None]
        current = self._current(predictor)
        known = [current, *self._taken[predictor], *earlier]
        texts = [_beyond(current, one.text) for one in fitting]
        places = without_repeats(texts, [_beyond(current, text) for text in known], self._embedder)
        return [fitting[place] for place in places]

    def _scripts(self) -> set[str]:
        """Of the current instructions and the data; without any, all are fine."""
        written = {dominant_script(signature.instructions) for signature in self._signatures.values()}
        return {script for script in written if script} | self._analysis.data.scripts

    def _current(self, predictor: str) -> str:
        return str(self._signatures[predictor].instructions)

    def _allowed_texts(self) -> list[str]:
        texts = [*self._analysis.data.labels]
        for signature in self._signatures.values():
            texts.append(str(signature.instructions))
            fields = [*field_outlines(signature.input_fields), *field_outlines(signature.output_fields)]
            texts += [field.description for field in fields]
            texts += [value for values in label_values(signature, self._analysis.data).values() for value in values]
        return texts


def _beyond(current: str, text: str) -> str:
    """What a text says beyond a long current instruction, which would make all that keep it look alike."""
    if len(current) < LONG_INSTRUCTION or text == current:
        return text
    return text.replace(current.strip(), "", 1)
