"""The index as data, for people and other programs."""

import posixpath

from tunesmith.protocol.index_report import (
    CompileReport,
    DatasetReport,
    FieldReport,
    IndexReport,
    LoadReport,
    MetricReport,
    ModuleReport,
    PredictorReport,
    SignatureReport,
)
from tunesmith.server.index.facts import FieldFact, FileFacts, LoadFact, ModuleFact, ResolvedPredictor, SignatureFact
from tunesmith.server.index.view import IndexView


def index_report(index: IndexView, within: str | None) -> IndexReport:
    """What `tunesmith index --json` prints of the file or folder `within`, relative to the root (None: of all)."""
    report = IndexReport(files=0, signatures=[], modules=[], metrics=[], datasets=[], compiles=[], loads=[])
    read = 0
    for facts in index.files():
        if within is not None and facts.path != within and not facts.path.startswith(f"{within}/"):
            continue
        read += 1
        _add_file(report, index, facts)
    return IndexReport(
        files=read,
        signatures=report.signatures,
        modules=report.modules,
        metrics=report.metrics,
        datasets=report.datasets,
        compiles=report.compiles,
        loads=report.loads,
    )


def _add_file(report: IndexReport, index: IndexView, facts: FileFacts) -> None:
    path = facts.path
    report.signatures.extend(_signature(index, path, fact) for fact in facts.signatures)
    report.modules.extend(_module(index, path, fact) for fact in facts.modules)
    report.metrics.extend(MetricReport(name=f.name, file=path, line=f.name_span.line + 1) for f in facts.metrics)
    report.datasets.extend(
        DatasetReport(name=fact.name, file=path, line=fact.span.line + 1, kind=fact.kind, inputs=fact.inputs)
        for fact in facts.datasets
    )
    report.compiles.extend(
        CompileReport(
            file=path,
            line=fact.span.line + 1,
            optimizer=fact.optimizer,
            program=fact.program,
            metric=fact.metric,
            trainset=fact.trainset,
            valset=fact.valset,
            scope=fact.scope,
        )
        for fact in facts.compiles
    )
    report.loads.extend(
        LoadReport(file=path, line=fact.span.line + 1, program=fact.program, path=loaded_path(path, fact))
        for fact in facts.loads
    )


def loaded_path(path: str, load: LoadFact) -> str | None:
    """The artifact's path relative to the root (or absolute as written). Without `__file__`, programs are taken to
    run from the root."""
    if load.path is None:
        return None
    folder = path.rpartition("/")[0] if load.from_file else ""
    return posixpath.normpath(posixpath.join(folder, load.path))


def _signature(index: IndexView, path: str, fact: SignatureFact) -> SignatureReport:
    resolved = index.signature(path, fact.name or "")
    full = resolved.fact if resolved is not None and resolved.fact.span == fact.span else fact
    return SignatureReport(
        name=fact.name or "",
        file=path,
        line=fact.name_span.line + 1,
        instructions=full.instructions,
        inputs=_fields(full.inputs),
        outputs=_fields(full.outputs),
        dynamic=full.dynamic,
    )


def _fields(facts: list[FieldFact]) -> list[FieldReport]:
    return [FieldReport(name=fact.name, type=fact.type, desc=fact.desc) for fact in facts]


def _module(index: IndexView, path: str, fact: ModuleFact) -> ModuleReport:
    program = index.program_of_class(path, fact.name)
    predictors = [_predictor(predictor) for predictor in program.predictors] if program is not None else []
    dynamic = program.dynamic if program is not None else ["*"]
    predictors.extend(
        PredictorReport(name=name, kind="", signature=None, line=fact.name_span.line + 1, dynamic=True)
        for name in dynamic
    )
    return ModuleReport(
        name=fact.name, file=path, line=fact.name_span.line + 1, predictors=predictors, dynamic=bool(dynamic)
    )


def _predictor(predictor: ResolvedPredictor) -> PredictorReport:
    fact = predictor.signature.fact if predictor.signature is not None else None
    return PredictorReport(
        name=predictor.name,
        kind=predictor.kind,
        signature=(fact.name or fact.text) if fact is not None else None,
        line=predictor.span.line + 1,
        dynamic=predictor.dynamic,
    )
