"""What a prompt model is shown: plain text, which also small models can follow, in place of dspy's signatures."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos import as_text
from tunesmith.optim.dspy_types import Example, Signature
from tunesmith.optim.proposer.analysis import Analysis, describe_data, describe_errors
from tunesmith.optim.proposer.error_digest import ErrorCluster, ErrorDigest
from tunesmith.optim.proposer.error_texts import shorten
from tunesmith.optim.proposer.features import FEATURES
from tunesmith.optim.proposer.label_values import label_values
from tunesmith.optim.proposer.program_outline import (
    FieldOutline,
    PredictorOutline,
    ProgramOutline,
    field_outlines,
    is_built,
)
from tunesmith.optim.proposer.proposal import ScoredInstruction

EXAMPLES_SHOWN = 8
TRACES_SHOWN = 4
CLUSTERS_SHOWN = 6
LABELS_SHOWN = 100
CURRENT_CHARACTERS = 4000
VALUE_CHARACTERS = 300
BEST_SHOWN, WORST_SHOWN = 5, 2

RULES = """\
Rules for every instruction:
- It must stand on its own: its reader sees the instruction and the inputs, nothing of what you were shown.
- Say what to do in the imperative, concretely. Under 200 words; short ones are welcome.
- Never repeat an example, its wording or its answers. Labels may be named.
- Leave the layout of fields and markers alone: the program adds them.
- Write in the language of the current instruction.
- Make the instructions clearly different from each other and from the current one."""

ANSWER_FORM = """\
Write {wanted} instructions. Put each between <instruction> and </instruction>, and write nothing else."""


KEPT = "\n- The current instruction stays as it is: yours are read after it. Write only what is to be added."
"""One rule more, where dspy's module wrote the current instruction."""


class Brief(Struct, frozen=True, kw_only=True):
    """Of one predictor."""

    module: str
    """Its role, fields and current instruction, as text."""
    data: str
    program: str
    examples: str
    traces: str
    errors: str
    """Each "" where there is nothing to show."""
    rules: str


def write_brief(
    analysis: Analysis,
    predictor: str,
    signature: Signature,
    examples: Sequence[Example],
    *,
    data: str,
    program: str,
    seed: int,
) -> Brief:
    """What the writer of a predictor's instructions is shown. `data` and `program`: the shared descriptions."""
    clusters = analysis.errors.about(list(signature.output_fields), predictor) if analysis.errors else []
    return Brief(
        module=_module(analysis, predictor, signature),
        data=data,
        program=program,
        examples=shown_examples(examples, seed),
        traces=_traces(analysis.traces.get(predictor, ())),
        errors=errors_text(analysis.errors, clusters) if analysis.errors and clusters else "",
        rules=RULES + (KEPT if is_built(analysis.program, predictor) else ""),
    )


def _module(analysis: Analysis, predictor: str, signature: Signature) -> str:
    role = _role(analysis.program, predictor)
    labels = label_values(signature, analysis.data)
    inputs = [_field(field, []) for field in field_outlines(signature.input_fields)]
    outputs = [_field(field, labels.get(field.name, [])) for field in field_outlines(signature.output_fields)]
    lines = [role, "Inputs:", *(inputs or ["- none"]), "Outputs:", *outputs]
    instruction = signature.instructions.strip()
    shown = instruction if len(instruction) <= CURRENT_CHARACTERS else instruction[:CURRENT_CHARACTERS] + " …"
    return "\n".join([*lines, "Its current instruction:", shown])


def _role(program: ProgramOutline, predictor: str) -> str:
    outline: PredictorOutline | None = next((one for one in program.predictors if one.name == predictor), None)
    if outline is None or len(program.predictors) == 1:
        return f"The instruction is for the program {program.name}" + (f" ({outline.kind})." if outline else ".")
    role = [f"The instruction is for the module {predictor} ({outline.kind}), a part of the program {program.name}."]
    role += [f"It reads {link.replace(' ← ', ' from ')}." for link in outline.fed_by]
    role += ["Its outputs are the program's result."] if outline.is_result else []
    return " ".join(role)


def _field(field: FieldOutline, labels: Sequence[str]) -> str:
    text = f"- {field.name} ({shorten(field.type, VALUE_CHARACTERS)})"
    if field.description:
        text += f": {field.description}"
    if labels:
        more = f", and {len(labels) - LABELS_SHOWN} more" if len(labels) > LABELS_SHOWN else ""
        text += f". Labels: {', '.join(labels[:LABELS_SHOWN])}{more}"
    return text


def shown_examples(examples: Sequence[Example], seed: int, count: int = EXAMPLES_SHOWN) -> str:
    """Up to `count` of them as text, drawn at random."""
    drawn = random.Random(seed).sample(list(examples), min(count, len(examples)))
    return "\n\n".join(_values(dict(example.items())) for example in drawn)


def _traces(turns: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> str:
    return "\n\n".join(_values({**inputs, **outputs}) for inputs, outputs in turns[:TRACES_SHOWN])


def _values(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {shorten(as_text({name: value}), VALUE_CHARACTERS)}" for name, value in values.items())


def errors_text(digest: ErrorDigest, clusters: Sequence[ErrorCluster]) -> str:
    """The clusters, each of the largest with one example."""
    lines = describe_errors(digest, clusters)
    for cluster in clusters[:CLUSTERS_SHOWN]:
        for example in cluster.examples[:1]:
            lines += ["", f"For example ({cluster.what}):", _values(example.inputs)]
            lines += [f"expected {name}: {value}" for name, value in example.expected.items()]
            lines += [f"got {name}: {value}" for name, value in example.got.items()]
            lines += [f"the metric says: {example.feedback}"] if example.feedback else []
    return "\n".join(lines)


def scored_text(scored: Sequence[ScoredInstruction]) -> str:
    """The best, and some of the worst, as one text each."""
    ranked = sorted(scored, key=lambda one: -one.effect)
    shown = ranked[:BEST_SHOWN] + ranked[BEST_SHOWN:][-WORST_SHOWN:]
    return "\n\n".join(
        f"Effect on the score: {one.effect * 100:+.1f} points "
        f"(between {one.low * 100:+.1f} and {one.high * 100:+.1f}):\n"
        f"{one.text if len(one.text) <= CURRENT_CHARACTERS else one.text[:CURRENT_CHARACTERS] + ' …'}"
        for one in shown
    )


def effects_text(effects: Mapping[str, float], least: float = 0.005) -> str:
    """What helped and what hurt, in words; effects near nothing are left out."""
    known = [(name, effect) for name, effect in effects.items() if name in FEATURES and abs(effect) >= least]
    known.sort(key=lambda pair: -pair[1])
    helped = [FEATURES[name].meaning for name, effect in known if effect > 0]
    hurt = [FEATURES[name].meaning for name, effect in reversed(known) if effect < 0]
    lines = [f"It helped where an instruction {'; '.join(helped)}."] if helped else []
    lines += [f"It hurt where an instruction {'; '.join(hurt)}."] if hurt else []
    return "\n".join(lines)


DATA_QUESTION = """\
Describe a data set to someone who will write instructions for the task behind it: what the inputs are, what the \
outputs mean, how outputs follow from inputs, what is easily got wrong. At most 120 words, no list of examples."""
PROGRAM_QUESTION = """\
Describe in at most 100 words what this program is for, and what each of its modules must get right for the others."""


def data_question(analysis: Analysis, examples: Sequence[Example], seed: int) -> str:
    """A prompt for a description of the data."""
    return "\n\n".join(
        [
            DATA_QUESTION,
            "\n".join(describe_data(analysis.data)),
            "Some examples:",
            shown_examples(examples, seed, 2 * EXAMPLES_SHOWN),
        ]
    )


def program_question(analysis: Analysis) -> str:
    """A prompt for a description of the program."""
    modules = [
        f"Module {one.name}: {', '.join(field.name for field in one.inputs)} -> "
        f"{', '.join(field.name for field in one.outputs)}. {shorten(one.instruction, VALUE_CHARACTERS)}"
        for one in analysis.program.predictors
    ]
    return "\n\n".join([PROGRAM_QUESTION, analysis.program.source or "", "\n".join(modules)])
