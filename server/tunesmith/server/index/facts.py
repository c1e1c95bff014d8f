"""The facts of one file: plain structs, no syntax-tree node among them.

Offsets, lines and columns are 0-based and count code points. Expressions are source text.
"""

from typing import Literal

from msgspec import Struct


class Span(Struct, frozen=True):
    """A stretch `[start, end)` of a text in code points, with its lines and columns, all from 0."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


class FieldFact(Struct, frozen=True, kw_only=True):
    """An input or output field of a signature."""

    name: str
    type: str
    """Source text, normalized white space; `str` where none is given."""
    desc: str | None
    span: Span


class SignatureFact(Struct, frozen=True, kw_only=True):
    """A signature: a class, or a string at a call. Instructions are as dspy would compute them."""

    name: str | None
    """None for a string signature."""
    text: str | None
    """The string form, where it has one."""
    bases: list[str]
    instructions: str | None
    inputs: list[FieldFact]
    outputs: list[FieldFact]
    dynamic: bool
    """Not all of its fields can be known without running it."""
    span: Span
    name_span: Span
    docstring_span: Span | None


class PredictorFact(Struct, frozen=True, kw_only=True):
    """`self.NAME = dspy.Kind(signature, …)` (also in lists and dicts: `steps[0]`, `tools['x']`)."""

    name: str
    kind: str
    """The predictor class as written, last part only; for a sub-module its class expression."""
    is_module: bool
    """A sub-module of the workspace rather than one of dspy's predictors."""
    signature: str | None
    """The signature argument's source text."""
    inline: SignatureFact | None
    """The signature where the argument spells it out (string, `dspy.Signature(…)`, `.with_instructions(…)`)."""
    dynamic: bool
    span: Span
    called: bool = True
    """The class calls the attribute. What an unknown library returns counts as a possible predictor only then."""


class ModuleFact(Struct, frozen=True, kw_only=True):
    """A class of modules, and what its `__init__` makes."""

    name: str
    bases: list[str]
    predictors: list[PredictorFact]
    calls_super_init: bool
    has_init: bool
    dynamic: bool
    span: Span
    name_span: Span
    attributes: list[str] = []
    """Every attribute `__init__` sets, in order, predictors or not: what `__dict__` will look like."""
    super_init_at: int = 0
    """How many of `attributes` are set before `super().__init__()` runs."""
    super_signature: str | None = None
    """First argument of `super().__init__(…)`: the signature, where the base is one of dspy's predictors."""
    super_inline: SignatureFact | None = None
    methods: list[str] = []
    init_calls: list[str] = []
    """Methods `__init__` calls on self; those of the class itself are read as part of `__init__`."""


class CandidateFact(Struct, frozen=True, kw_only=True):
    """A class whose bases lead out of the file: read both ways, decided when imports are followed."""

    name: str
    bases: list[str]
    signature: SignatureFact
    module: ModuleFact


class FunctionFact(Struct, frozen=True, kw_only=True):
    """A function at module level."""

    name: str
    parameters: list[str]
    required: int
    """How many of them have no default."""
    returns: str | None
    """The annotation's source text."""
    looks_like_metric: bool
    span: Span
    name_span: Span


class MetricFact(Struct, frozen=True, kw_only=True):
    """A function (or a value) that some optimizer or `Evaluate` is given as its metric, or that looks like one."""

    name: str
    span: Span
    name_span: Span


class DatasetFact(Struct, frozen=True, kw_only=True):
    """A name for dspy examples (`examples`), or a function that returns them (`loader`)."""

    name: str
    kind: Literal["examples", "loader"]
    inputs: list[str]
    """What `with_inputs` names; empty where nothing does."""
    span: Span


class ValueFact(Struct, frozen=True, kw_only=True):
    """A name that an assignment at module level binds."""

    name: str
    span: Span
    """Of the assignment; the first, where there are several."""
    name_span: Span


class CompileFact(Struct, frozen=True, kw_only=True):
    """`OPTIMIZER.compile(program, trainset=…)`. Arguments are source text; None where they are not given."""

    optimizer: str | None
    """Its class, as dspy names it; None where the index does not know it."""
    program: str | None
    metric: str | None
    trainset: str | None
    valset: str | None
    scope: str
    """`module`, `__main__`, or the enclosing function's qualified name."""
    span: Span
    bound: str | None = None
    """The name the compiled program is bound to."""
    local: bool = False
    """An argument is a name the enclosing function binds."""


class LoadFact(Struct, frozen=True, kw_only=True):
    """`program.load(path)`. `path` is as written where literal; `from_file`: relative to the file's folder."""

    program: str | None
    path: str | None
    from_file: bool
    scope: str
    span: Span


class StudentFact(Struct, frozen=True, kw_only=True):
    """`load_student(path)`: a finetuned model's folder. `path` and `from_file` as in `LoadFact`."""

    path: str | None
    from_file: bool
    scope: str
    span: Span
    """The path's expression."""


class ConstructionFact(Struct, frozen=True, kw_only=True):
    """`NAME = Class(…)` where Class may be a module or predictor: where a program comes to be."""

    name: str
    """The name bound, dotted where an attribute."""
    callee: str
    """Source text of what is called."""
    signature: str | None
    """The first argument's source text where the callee is a dspy predictor."""
    inline: SignatureFact | None
    scope: str
    indent: str
    """White space before the statement."""
    span: Span
    """The whole statement."""
    wrapped: PredictorFact | None = None
    """What a wrapper (`BestOfN`, `Refine`) is built around, named `module`."""


class ImportFact(Struct, frozen=True, kw_only=True):
    """`import module as alias`, `from module import name as alias`. `level` counts leading dots."""

    module: str
    name: str | None
    """None for `import module`; `*` for a star import."""
    alias: str
    """The name the code uses: for `import a.b` without `as`, `a.b`."""
    level: int
    span: Span


class FileFacts(Struct, frozen=True, kw_only=True):
    """All the index knows of one file, in the order of its text."""

    path: str
    """Relative to the root, with forward slashes."""
    digest: str
    """SHA-256 of the text these facts were read from."""
    broken: bool
    """The text has syntax errors; facts inside them are the last good ones."""
    imports: list[ImportFact]
    names: list[str]
    """Names bound at module level."""
    signatures: list[SignatureFact]
    modules: list[ModuleFact]
    metrics: list[MetricFact]
    datasets: list[DatasetFact]
    compiles: list[CompileFact]
    loads: list[LoadFact]
    constructions: list[ConstructionFact]
    candidates: list[CandidateFact] = []
    functions: list[FunctionFact] = []
    values: list[ValueFact] = []
    students: list[StudentFact] = []
    metric_uses: list[str] = []
    """What is passed as `metric=` (or as an optimizer's first argument), source text."""


class ResolvedSignature(Struct, frozen=True, kw_only=True):
    """A signature with the fields and instructions it inherits, and the file that defines it."""

    path: str
    fact: SignatureFact


class ResolvedPredictor(Struct, frozen=True, kw_only=True):
    """A predictor of a program under its run-time name, with its signature found wherever it is defined."""

    name: str
    """As `named_predictors()` gives it: `self` for a bare predictor."""
    kind: str
    """Its class, as dspy names it."""
    path: str
    span: Span
    """Of the call that makes it, in `path`."""
    signature: ResolvedSignature | None
    """None where it cannot be followed."""
    dynamic: bool
    """Its signature is only known at run time."""


class Program(Struct, frozen=True, kw_only=True):
    """A module (or a bare predictor) with everything imports lead to."""

    name: str
    path: str
    span: Span
    predictors: list[ResolvedPredictor]
    dynamic: list[str]
    """What cannot be known statically, named."""
    sources: list[str]
    """Every workspace file it is made of."""
    modules: list[str]
    """Every module class it is made of, its bases included: `file:Class`."""
