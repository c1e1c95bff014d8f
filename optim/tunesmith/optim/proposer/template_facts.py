"""What the template clauses speak of: one predictor's fields, labels and known errors."""

import re

from msgspec import Struct

from tunesmith.optim.dspy_types import Signature
from tunesmith.optim.proposer.analysis import Analysis
from tunesmith.optim.proposer.data_patterns import FieldPattern
from tunesmith.optim.proposer.error_digest import ErrorCluster, ErrorDigest
from tunesmith.optim.proposer.label_values import YES_NO, label_values
from tunesmith.optim.proposer.program_outline import FieldOutline, field_outlines, is_built
from tunesmith.optim.proposer.wording import nouns
from tunesmith.protocol.dspy_versions import DEFAULT_INSTRUCTION

COPIED_SHARE = 0.7
"""An output so often found word for word in an input is copied from it."""
LABEL_CHARACTERS = 2500
"""Of a list of labels: a longer one is left to the signature, which the adapter shows anyway."""

_DSPYS_DEFAULT = re.compile(".*".join(map(re.escape, DEFAULT_INSTRUCTION)).replace("fields", "fields?"), re.DOTALL)
"""Of a single field it says `fields` too; people who write it out do not."""
_REASONING = frozenset({"reasoning", "rationale"})


class TemplateFacts(Struct, frozen=True, kw_only=True):
    """What is known of a predictor."""

    predictor: str
    written: str
    """The instruction as its signature has it."""
    current: str
    """The same, stripped; empty where it is dspy's default, which says nothing of the task."""
    is_built: bool
    """The instruction belongs to dspy's module and must stay."""
    inputs: list[FieldOutline]
    outputs: list[FieldOutline]
    """Without the reasoning dspy adds."""
    reasons: bool
    """There is a field to reason in."""
    labels: dict[str, list[str]]
    """Classes by output field; fields with too many to be listed are left out."""
    label_words: dict[str, list[str]]
    patterns: dict[str, FieldPattern]
    """Of the fields the data has."""
    errors: list[ErrorCluster]

    @property
    def read(self) -> str:
        """The inputs, in words."""
        return nouns([field.name for field in self.inputs], otherwise="the inputs")

    @property
    def given(self) -> str:
        """The outputs, in words."""
        return nouns([field.name for field in self.outputs], otherwise="every output field")

    @property
    def label_field(self) -> str | None:
        """The one output there is, where it is a class."""
        return self.outputs[0].name if len(self.outputs) == 1 and self.outputs[0].name in self.labels else None

    @property
    def is_yes_no(self) -> bool:
        """The one output there is is true or false."""
        return self.label_field is not None and self.labels[self.label_field] == YES_NO

    @property
    def is_extraction(self) -> bool:
        """The one output there is is copied from an input."""
        return len(self.outputs) == 1 and bool(self.copied)

    @property
    def copied(self) -> list[str]:
        """Outputs that are found in the inputs."""
        names = [field.name for field in self.outputs if field.name not in self.labels]
        return [name for name in names if name in self.patterns and self.patterns[name].copied >= COPIED_SHARE]


def template_facts(
    analysis: Analysis, predictor: str, signature: Signature, errors: ErrorDigest | None
) -> TemplateFacts:
    """Of one predictor. `errors`: those to warn of, as far as they concern it."""
    outputs = field_outlines(signature.output_fields)
    answers = [field for field in outputs if field.name not in _REASONING] or outputs
    labels = {
        name: values
        for name, values in label_values(signature, analysis.data).items()
        if sum(map(len, values)) <= LABEL_CHARACTERS and not any("\n" in value for value in values)
    }
    instruction = signature.instructions.strip()
    return TemplateFacts(
        predictor=predictor,
        written=signature.instructions,
        current="" if _DSPYS_DEFAULT.fullmatch(instruction) else instruction,
        is_built=is_built(analysis.program, predictor),
        inputs=field_outlines(signature.input_fields),
        outputs=answers,
        reasons=len(answers) < len(outputs),
        labels=labels,
        label_words=analysis.data.label_words if analysis.data.label in labels else {},
        patterns={field.name: field for field in analysis.data.fields},
        errors=errors.about(list(signature.output_fields), predictor) if errors is not None else [],
    )
