"""What `tunesmith index --json` prints: the facts of a workspace. Lines are 1-based, files relative to the root."""

from typing import Literal

from tunesmith.protocol.wire import Wire


class FieldReport(Wire, frozen=True, kw_only=True):
    """A signature field, in declaration order."""

    name: str
    type: str
    desc: str | None = None


class SignatureReport(Wire, frozen=True, kw_only=True):
    """A class that derives from `dspy.Signature`."""

    name: str
    file: str
    line: int
    instructions: str | None
    """None where they cannot be known statically."""
    inputs: list[FieldReport]
    outputs: list[FieldReport]
    dynamic: bool = False
    """True where fields or instructions are computed at run time."""


class PredictorReport(Wire, frozen=True, kw_only=True):
    """A predictor that a module makes."""

    name: str
    """As `named_predictors()` gives it; ends in `*` where the rest is only known at run time."""
    kind: str
    """`Predict`, `ChainOfThought`, `ReAct`, …"""
    signature: str | None
    line: int
    dynamic: bool = False


class ModuleReport(Wire, frozen=True, kw_only=True):
    """A class that derives from `dspy.Module`, with the predictors it makes itself."""

    name: str
    file: str
    line: int
    predictors: list[PredictorReport]
    dynamic: bool = False


class MetricReport(Wire, frozen=True, kw_only=True):
    """A function that is used, or looks, like a metric."""

    name: str
    file: str
    line: int


class DatasetReport(Wire, frozen=True, kw_only=True):
    """A name or a function that gives examples."""

    name: str
    file: str
    line: int
    kind: Literal["examples", "loader"]
    inputs: list[str]
    """Arguments of `with_inputs`, where literal."""


class CompileReport(Wire, frozen=True, kw_only=True):
    """A `SomeOptimizer(…).compile(…)` call. Expressions are source text; None where the call names none."""

    file: str
    line: int
    optimizer: str | None
    program: str | None
    metric: str | None
    trainset: str | None
    valset: str | None
    scope: str
    """`module`, `__main__`, or the enclosing function's name."""


class LoadReport(Wire, frozen=True, kw_only=True):
    """A `load` call on a program."""

    file: str
    line: int
    program: str | None
    path: str | None
    """The artifact's path where it is a literal (or `Path(__file__).parent / literal`), relative to the root."""


class IndexReport(Wire, frozen=True, kw_only=True):
    """All facts of what was asked for, by kind, each list in the order of files."""

    files: int
    """Files read as DSPy code."""
    signatures: list[SignatureReport]
    modules: list[ModuleReport]
    metrics: list[MetricReport]
    datasets: list[DatasetReport]
    compiles: list[CompileReport]
    loads: list[LoadReport]


class Finding(Wire, frozen=True, kw_only=True):
    """A diagnostic outside an editor. Lines and columns are 1-based, columns in code points."""

    rule: str
    severity: Literal["error", "warning", "information", "hint"]
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class CheckReport(Wire, frozen=True, kw_only=True):
    """Every diagnostic of what was asked for."""

    findings: list[Finding]
