"""What an optimizer says about its result, beside the program it returns."""

from msgspec import Struct

from tunesmith.protocol import DemoChoice, FinetuneReport, Gain, InstructionChoice, Score


class TuneOutcome(Struct, frozen=True, kw_only=True):
    """The verdict of one `compile`.

    >>> import dspy
    >>> from dspy.utils import DummyLM
    >>> lengths = {"plum": "4", "fig": "3", "cherry": "6", "apple": "5", "quince": "6", "pear": "4"}
    >>> examples = [dspy.Example(word=word, length=length).with_inputs("word") for word, length in lengths.items()]
    >>> def is_right(example, prediction, trace=None):
    ...     return example.length == prediction.length
    >>> lm = DummyLM({word: {"length": "1"} for word in lengths}, follow_examples=True)  # copies what demos show
    >>> from tunesmith.optim import BootstrapFewShot
    >>> optimizer = BootstrapFewShot(is_right, keep_baseline=True)
    >>> with dspy.context(lm=lm):
    ...     program = optimizer.compile(dspy.Predict("word -> length"), trainset=examples, valset=examples)
    >>> gain = optimizer.outcome.gain
    >>> f"{gain.mean:+.2f} [{gain.low:.2f}, {gain.high:.2f}], P {gain.probability:.2f}: {gain.verdict}"
    '+1.00 [0.16, 1.34], P 0.99: confirmed'
    >>> optimizer.outcome.shipped
    True
    """

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
