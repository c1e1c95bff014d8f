"""The static fingerprint of a program, and what its sources hash to."""

import ast
import hashlib

from tunesmith.protocol import FieldPrint, PredictorPrint, ProgramFingerprint, encode
from tunesmith.server.index.facts import FieldFact, Program, ResolvedPredictor
from tunesmith.server.index.user_syntax import NotPython, parse_expression
from tunesmith.server.index.view import IndexView


def fingerprint_of(program: Program) -> ProgramFingerprint:
    """Predictors under their run-time names, with the signatures they are given; `dynamic` names what is unknown."""
    predictors = [_predictor(predictor) for predictor in program.predictors]
    dynamic = [*program.dynamic, *(predictor.name for predictor in program.predictors if predictor.dynamic)]
    hashed = [(p.name, p.kind, p.instructions, _hashed(p.inputs), _hashed(p.outputs)) for p in predictors]
    return ProgramFingerprint(
        program=program.name,
        predictors=predictors,
        dynamic=dynamic,
        digest=hashlib.sha256(encode([hashed, sorted(dynamic)])).hexdigest(),
    )


def source_digests(index: IndexView, program: Program) -> dict[str, str]:
    """SHA-256 of every workspace file the program is made of, as the index sees it (open documents included)."""
    digests = {}
    for path in program.sources:
        facts = index.facts(path)
        if facts is not None:
            digests[path] = facts.digest
    return digests


def normalized_type(text: str) -> str:
    """One spelling for types that differ in quotes and white space only."""
    try:
        return ast.unparse(parse_expression(text))
    except (NotPython, RecursionError):
        return " ".join(text.split())


def _predictor(predictor: ResolvedPredictor) -> PredictorPrint:
    signature = predictor.signature
    fact = signature.fact if signature is not None else None
    place = fact.name_span if fact is not None else predictor.span
    return PredictorPrint(
        name=predictor.name,
        kind=predictor.kind,
        signature=(fact.name or fact.text) if fact is not None else None,
        instructions=fact.instructions if fact is not None else None,
        inputs=_fields(fact.inputs) if fact is not None else [],
        outputs=_fields(fact.outputs) if fact is not None else [],
        file=signature.path if signature is not None else predictor.path,
        line=place.line + 1,
    )


def _fields(facts: list[FieldFact]) -> list[FieldPrint]:
    return [FieldPrint(name=fact.name, type=normalized_type(fact.type), desc=fact.desc) for fact in facts]


def _hashed(fields: list[FieldPrint]) -> list[tuple[str, str, str | None]]:
    return [(field.name, field.type, field.desc) for field in fields]
