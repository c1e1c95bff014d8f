"""What a program is made of: its source, and the role of every predictor in it."""

import inspect
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.dspy_types import Field, Predictor, Program
from tunesmith.optim.rollouts import to_plain
from tunesmith.protocol import Rollout
from tunesmith.protocol.dspy_versions import INSTRUCTION_WRITERS

SOURCE_CHARACTERS = 6000
SHARE_OF_TRACES = 0.5
"""A link between two predictors counts where it is seen in at least this share of the traces."""

Turn = tuple[str, dict[str, Any], dict[str, Any]]
"""A predictor's name, inputs and outputs."""


class FieldOutline(Struct, frozen=True):
    """A field of a signature."""

    name: str
    type: str
    """As it is written in code."""
    description: str
    """Empty where its signature gives none."""


class PredictorOutline(Struct, frozen=True, kw_only=True):
    """A predictor and its part in the program."""

    name: str
    kind: str
    """dspy's module it is, or is part of: Predict, ChainOfThought, ReAct, …"""
    inputs: list[FieldOutline]
    outputs: list[FieldOutline]
    instruction: str
    is_built: bool
    """Its instruction was written by the module around it: it may be added to, never replaced."""
    fed_by: list[str]
    """`input ← predictor.output`, as seen in traces."""
    is_result: bool | None
    """Its outputs are the program's result; None: no trace showed it."""


class ProgramOutline(Struct, frozen=True, kw_only=True):
    """A program, by its predictors."""

    name: str
    """Of its class."""
    source: str | None
    """Of the user's own modules, cut at `SOURCE_CHARACTERS`; None: dspy's own module, or no source to be had."""
    predictors: list[PredictorOutline]

    def predictor(self, name: str) -> PredictorOutline:
        """Raises `KeyError` for a name the program has not."""
        for one in self.predictors:
            if one.name == name:
                return one
        raise KeyError(name)


def outline_program(
    program: Program, traces: Sequence[Sequence[Turn]] = (), rollouts: Sequence[Rollout] = ()
) -> ProgramOutline:
    """`traces` are of whole runs, each turn in order; `rollouts` (with their predictions) are read like them."""
    runs: list[tuple[Sequence[Turn], dict[str, Any]]] = [(trace, {}) for trace in traces]
    runs += [(_turns(rollout), rollout.prediction) for rollout in rollouts if rollout.status == "scored"]
    modules = {name: module for name, module in program.named_sub_modules() if name}
    return ProgramOutline(
        name=type(program).__name__,
        source=_source(list(modules.values())),
        predictors=[
            _outline(name, predictor, _dspys_modules_around(name, modules), runs)
            for name, predictor in program.named_predictors()
        ],
    )


def is_built(program: ProgramOutline, predictor: str) -> bool:
    """See `PredictorOutline.is_built`; False for a predictor nobody outlined."""
    return any(one.is_built for one in program.predictors if one.name == predictor)


def field_outlines(fields: Mapping[str, Field]) -> list[FieldOutline]:
    """Of a signature's `input_fields` or `output_fields`. dspy's placeholder descriptions (`${name}`) are left out."""
    outlines = []
    for name, info in fields.items():
        description = str((info.json_schema_extra or {}).get("desc") or "")
        outlines.append(
            FieldOutline(name, _type_name(info.annotation), "" if description == f"${{{name}}}" else description)
        )
    return outlines


def _type_name(annotation: Any) -> str:
    text = (
        annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else str(annotation)
    )
    return text.replace("typing.", "")


def _outline(
    name: str, predictor: Predictor, around: Sequence[str], runs: Sequence[tuple[Sequence[Turn], dict[str, Any]]]
) -> PredictorOutline:
    signature = predictor.signature
    return PredictorOutline(
        name=name,
        kind=around[0] if around else type(predictor).__name__,
        inputs=field_outlines(signature.input_fields),
        outputs=field_outlines(signature.output_fields),
        instruction=signature.instructions,
        is_built=not INSTRUCTION_WRITERS.isdisjoint(around),
        fed_by=_links(name, [turns for turns, _ in runs]),
        is_result=_is_result(name, runs),
    )


def _dspys_modules_around(name: str, modules: dict[str, Any]) -> list[str]:
    """Classes of dspy's modules the predictor is part of, the innermost first, up to the user's module."""
    around: list[str] = []
    path = "self" if name == "self" else f"self.{name}"
    while (cut := max(path.rfind("."), path.rfind("["))) > 0:
        path = path[:cut]
        owner = modules.get(path)
        if owner is not None and not _is_dspys(type(owner)):
            break
        if owner is not None:
            around.append(type(owner).__name__)
    return around


def _is_dspys(cls: type) -> bool:
    return cls.__module__.split(".")[0] == "dspy"


def _source(modules: Sequence[Any]) -> str | None:
    classes = dict.fromkeys(type(module) for module in modules if not _is_dspys(type(module)))
    sources = []
    for cls in classes:
        try:
            sources.append(inspect.getsource(cls))
        except (OSError, TypeError):
            continue  # defined in a console, or by code
    if not sources:
        return None
    text = "\n\n".join(textwrap.dedent(source).strip() for source in sources)
    return text if len(text) <= SOURCE_CHARACTERS else text[:SOURCE_CHARACTERS].rsplit("\n", 1)[0] + "\n# …"


def _turns(rollout: Rollout) -> list[Turn]:
    return [(s.name, s.inputs, s.outputs) for s in rollout.steps if s.kind == "predictor" and s.error is None]


def _links(name: str, traces: Sequence[Sequence[Turn]]) -> list[str]:
    """Inputs that equal an earlier output of another predictor."""
    seen: Counter[tuple[str, str]] = Counter()
    showing = 0
    for trace in traces:
        places = [place for place, turn in enumerate(trace) if turn[0] == name]
        showing += bool(places)
        links = {
            (field, f"{other}.{output}")
            for place in places
            for other, _, outputs in trace[:place]
            for output, given in outputs.items()
            for field, value in trace[place][1].items()
            if other != name and _is_same(value, given)
        }
        seen.update(links)
    return [
        f"{field} ← {source}" for (field, source), count in sorted(seen.items()) if count >= SHARE_OF_TRACES * showing
    ]


def _is_same(value: Any, given: Any) -> bool:
    """Equal and no yes or no, which are equal by chance half of the time."""
    return not isinstance(value, bool) and value not in (None, "", [], {}) and bool(to_plain(value) == to_plain(given))


def _is_result(name: str, runs: Sequence[tuple[Sequence[Turn], dict[str, Any]]]) -> bool | None:
    """Its outputs are in the prediction; where none is known: no later predictor reads them."""
    votes = []
    for turns, prediction in runs:
        own = [place for place, turn in enumerate(turns) if turn[0] == name]
        if not own:
            continue
        outputs = turns[own[-1]][2].values()
        if prediction:
            votes.append(any(to_plain(value) in prediction.values() for value in outputs))
        else:
            later = [value for _, inputs, _ in turns[own[-1] + 1 :] for value in inputs.values()]
            votes.append(not any(_is_same(value, output) for value in later for output in outputs))
    return sum(votes) >= SHARE_OF_TRACES * len(votes) if votes else None
