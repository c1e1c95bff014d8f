"""What can be tuned: a program, a metric and data, and where they were found."""

from tunesmith.protocol.optimizers import Tuner
from tunesmith.protocol.wire import Wire


class ConfiguredTarget(Wire, frozen=True, kw_only=True, tag_field="kind", tag="configured"):
    """`[tool.tunesmith.targets.NAME]` in pyproject.toml, or what a user picked.

    `program` and `metric` are `module:attribute` or `path/file.py:attribute`. An attribute that is a class or a
    function of no arguments is called. `trainset` and `valset` are the same, or a path ending in `.jsonl`, `.csv`
    or `.parquet`, or `datasets:NAME[:SPLIT]`.
    """

    name: str
    program: str
    metric: str | None
    trainset: str | None
    valset: str | None = None
    inputs: list[str] = []
    """Input fields of rows read from a file; the signature's inputs where empty."""
    file: str
    """Where it is declared, relative to the root."""
    line: int
    lm: str | None = None
    teacher_lm: str | None = None
    prompt_lm: str | None = None
    model: str | None = None
    """What a student is made from, where its optimizer finetunes."""
    optimizer: Tuner | None = None
    """What tunes it where a client names nothing. None: the default."""


class CompileTarget(Wire, frozen=True, kw_only=True, tag_field="kind", tag="compile"):
    """A `SomeOptimizer(metric=…).compile(program, trainset=…)` call in the code.

    Expressions are source text. `importable`: program, metric and trainset are module-level names, so importing
    the file is enough; otherwise the script is run in capture mode, up to the call, after the user agreed.
    """

    name: str
    file: str
    line: int
    program: str | None
    metric: str | None
    trainset: str | None
    valset: str | None
    importable: bool
    optimizer: Tuner | None = None
    """Ours of the name the code uses. None: it uses another one, or the index cannot tell."""
    arguments: list[str] = []
    """`sys.argv[1:]` of capture mode."""


Target = ConfiguredTarget | CompileTarget
