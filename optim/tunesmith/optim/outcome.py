"""What an optimizer says about its result, beside the program it returns."""

from msgspec import Struct

from tunesmith.protocol import DemoChoice, FinetuneReport, Gain, InstructionChoice, Score


class TuneOutcome(Struct, frozen=True, kw_only=True):
    """The verdict of one `compile`."""

    baseline: Score | None
    """The program as it came, on the validation data; None without any."""
    tuned: Score | None
    gain: Gain | None
    """Tuned minus baseline, paired; None where either could not be scored."""
    demos: list[DemoChoice]
    """The demos of the tuned program, in the order its predictors show them."""
    instructions: list[InstructionChoice] = []
    """Of the tuned program's predictors whose instruction was changed."""
    searched: bool = False
    """The examples scored are those the result was chosen on: expect less of the gain on new ones."""
    finetune: FinetuneReport | None = None
    """Of an optimizer that changes weights."""
    shipped: bool
    """The returned program is the tuned one, not the baseline."""
    stopped: str | None
    """Why the run stopped early; None where it went its whole way."""
    warnings: list[str]
