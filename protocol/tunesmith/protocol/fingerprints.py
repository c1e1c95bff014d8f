"""The static fingerprint of a program: what the index saw of it when a run started.

Staleness compares static with static: two of these are diffed field by field, so the message can name what
changed. The digest is for quick equality.
"""

from tunesmith.protocol.wire import Wire


class FieldPrint(Wire, frozen=True, kw_only=True):
    """A signature's field, as far as its source says."""

    name: str
    type: str
    desc: str | None = None


class PredictorPrint(Wire, frozen=True, kw_only=True):
    """A predictor and what it is asked."""

    name: str
    kind: str
    signature: str | None
    """The signature's name, or its string form."""
    instructions: str | None
    inputs: list[FieldPrint]
    outputs: list[FieldPrint]
    file: str
    """Where the signature (or, for string signatures, the predictor) stands, relative to the root."""
    line: int


class ProgramFingerprint(Wire, frozen=True, kw_only=True):
    """All of a program that its source tells and a tuning depends on."""

    program: str
    """The module class, or the predictor expression."""
    predictors: list[PredictorPrint]
    dynamic: list[str]
    """Names that cannot be known statically; staleness says "cannot tell" for them."""
    digest: str
    """SHA-256 over names, kinds, instructions, fields and types; files and lines left out."""
