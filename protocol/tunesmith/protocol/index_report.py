"""What `tunesmith index --json` prints: the facts of a workspace. Lines are 1-based, files relative to the root."""

from typing import Literal

from tunesmith.protocol.wire import Wire


class FieldReport(Wire, frozen=True, kw_only=True):
    """A signature field, in declaration order."""

    name: str
    type: str
    desc: str | None = None


class SignatureReport(Wire, frozen=True, kw_only=True):
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
    name: str
    """As `named_predictors()` gives it; ends in `*` where the rest is only known at run time."""
    kind: str
    """`Predict`, `ChainOfThought`, `ReAct`, …"""
    signature: str | None
    line: int
    dynamic: bool = False


class ModuleReport(Wire, frozen=True, kw_only=True):
    name: str
    file: str
    line: int
    predictors: list[PredictorReport]
    dynamic: bool = False


class MetricReport(Wire, frozen=True, kw_only=True):
    name: str
    file: str
    line: int


class DatasetReport(Wire, frozen=True, kw_only=True):
    name: str
    file: str
    line: int
    kind: Literal["examples", "loader"]
    inputs: list[str]
    """Arguments of `with_inputs`, where literal."""


class CompileReport(Wire, frozen=True, kw_only=True):
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
    file: str
    line: int
    program: str | None
    path: str | None
    """The artifact's path where it is a literal (or `Path(__file__).parent / literal`), relative to the root."""


class IndexReport(Wire, frozen=True, kw_only=True):
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
    findings: list[Finding]
