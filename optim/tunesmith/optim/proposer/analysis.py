"""All that is known before an instruction is written: the data, the program, its errors, traces of its successes."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.dspy_types import Signature
from tunesmith.optim.proposer.data_patterns import DataPatterns, FieldPattern
from tunesmith.optim.proposer.error_digest import ErrorCluster, ErrorDigest
from tunesmith.optim.proposer.features import FeatureContext
from tunesmith.optim.proposer.label_values import label_values
from tunesmith.optim.proposer.program_outline import PredictorOutline, ProgramOutline

LABELS_SHOWN = 12
CLUSTERS_SHOWN = 8
IMBALANCED = 3
"""Largest class over smallest, from which it is said."""

Traces = Mapping[str, Sequence[tuple[dict[str, Any], dict[str, Any]]]]
"""Inputs and outputs of successful turns, by predictor."""


class Analysis(Struct, frozen=True, kw_only=True):
    """Of a task: what whoever writes instructions for it may know."""

    data: DataPatterns
    program: ProgramOutline
    errors: ErrorDigest | None = None
    """Of the baseline; None where it was not measured."""
    traces: Traces = {}


def feature_context(analysis: Analysis, predictor: str, signature: Signature) -> FeatureContext:
    """What the instructions of one predictor may name."""
    fields = [*signature.input_fields, *signature.output_fields]
    errors = analysis.errors.about(list(signature.output_fields), predictor) if analysis.errors else []
    return FeatureContext(
        labels=tuple(dict.fromkeys(v for values in label_values(signature, analysis.data).values() for v in values)),
        fields=tuple(fields),
        confusions=tuple(cluster.pair for cluster in errors if cluster.pair is not None),
        error_phrases=tuple(ERROR_PHRASES[cluster.kind] for cluster in errors if cluster.kind in ERROR_PHRASES),
    )


ERROR_PHRASES = {
    "not parsed": "leave out",
    "wrong value": "guess",
    "extra text": "extra text",
    "not a label": "any other label",
    "missing field": "empty",
    "too long": "too long",
}
"""How an instruction would warn of an error, where one phrase says it."""


def describe_analysis(analysis: Analysis) -> list[str]:
    """Lines for people."""
    return [
        *describe_data(analysis.data),
        *describe_program(analysis.program),
        *(describe_errors(analysis.errors) if analysis.errors is not None else []),
    ]


def describe_data(data: DataPatterns) -> list[str]:
    """Lines for people."""
    if not data.count:
        return ["Data: none"]
    lines = [f"Data: {data.count:,} example{'s' * (data.count != 1)}"]
    lines += [f"  {_describe_field(field, data.count)}" for field in data.fields]
    if data.label is not None:
        lines.append(f"  classes in {data.label} ({len(data.labels)}): {_describe_labels(data)}")
    if data.duplicates:
        lines.append(f"  {_count(data.duplicates, 'example')} said twice")
    if data.conflicts:
        first, second = data.conflicts[0]
        lines.append(
            f"  {_count(len(data.conflicts), 'pair')} with the same inputs and other outputs, "
            f"for one examples {first} and {second}"
        )
    lines += [f"  example {outlier.index}: {outlier.field} is unusual: {outlier.why}" for outlier in data.outliers]
    return lines


def describe_program(program: ProgramOutline) -> list[str]:
    """Lines for people."""
    return [f"Program: {program.name}", *(f"  {_describe_predictor(one)}" for one in program.predictors)]


def describe_errors(errors: ErrorDigest, clusters: Sequence[ErrorCluster] | None = None) -> list[str]:
    """Lines for people. `clusters`: those to report; None: all."""
    reported = errors.clusters if clusters is None else clusters
    if not errors.judged:
        return ["Errors: nothing was judged"]
    if not errors.failed:
        return [f"Errors: none on {errors.judged} examples"]
    partly = f", {errors.partly} of them partly right" if errors.partly else ""
    lines = [f"Errors: {errors.failed} of {errors.judged} examples not fully right{partly}"]
    lines += [f"  {one.count} × {one.what} ({one.share * 100:.0f} %)" for one in reported[:CLUSTERS_SHOWN]]
    if len(reported) > CLUSTERS_SHOWN:
        lines.append(f"  … and {len(reported) - CLUSTERS_SHOWN} other kinds of error")
    if errors.missing:
        lines.append(f"  {_count(errors.missing, 'example')} could not be had (the model was out of reach)")
    return lines


def _describe_field(field: FieldPattern, count: int) -> str:
    parts = [" or ".join(field.types) or "always empty", f"{field.distinct:,} different"]
    if field.median_characters > 20:
        parts.append(f"usually {field.median_words:,.0f} words, 95 % up to {field.p95_words:,.0f}")
    if field.missing:
        parts.append(f"missing in {field.missing} of {count:,}")
    if field.language is not None:
        parts.append(field.language)
    elif field.scripts and set(field.scripts) != {"Latin"}:
        parts.append(" and ".join(field.scripts))
    return f"{'input' if field.is_input else 'output'} {field.name}: {', '.join(parts)}"


def _describe_labels(data: DataPatterns) -> str:
    shown = [f"{label} {count}" for label, count in list(data.labels.items())[:LABELS_SHOWN]]
    if len(data.labels) > LABELS_SHOWN:
        shown.append(f"… and {len(data.labels) - LABELS_SHOWN} more")
    text = ", ".join(shown)
    if (imbalance := data.imbalance) is not None and imbalance >= IMBALANCED:
        text += f"; the largest has {imbalance:.0f} times the examples of the smallest"
    return text


def _describe_predictor(one: PredictorOutline) -> str:
    inputs, outputs = (", ".join(field.name for field in fields) for fields in (one.inputs, one.outputs))
    text = f"{one.name} ({one.kind}): {inputs} → {outputs}"
    if one.fed_by:
        text += f"; reads {', '.join(one.fed_by)}"
    if one.is_result:
        text += "; its outputs are the result"
    return text


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
