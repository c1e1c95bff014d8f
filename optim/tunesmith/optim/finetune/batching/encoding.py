"""From rows to token ids; what cannot be trained on is left out and counted, never cut."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from tunesmith.optim.finetune.errors import NothingToTrain, TargetsNotExpressible
from tunesmith.optim.finetune.prompting import Prompting
from tunesmith.optim.finetune.rows import Row
from tunesmith.optim.finetune.settings import TrainSettings

INEXPRESSIBLE = "cannot be written by the tokenizer"
INEXPRESSIBLE_SHARE = 0.01
"""Above it the tokenizer does not fit the task, and what would be learned is the rest of it."""


class Encoded(Struct, frozen=True):
    """One row in token ids."""

    prompt: list[int]
    target: list[int]
    """The answer and what ends it."""
    task: int
    """Place of its predictor in `TrainSettings.tasks`."""

    @property
    def tokens(self) -> int:
        """Of prompt and target together."""
        return len(self.prompt) + len(self.target)


def encode_rows(
    rows: Sequence[Row], prompting: Prompting, settings: TrainSettings
) -> tuple[list[Encoded], dict[str, int]]:
    """The rows that can be trained on, and how many cannot, by reason.

    A row's length is its prompt and target together, for encoder-decoders too.
    Raises `TargetsNotExpressible` above 1 % of such targets, and `NothingToTrain` where no row is left.
    """
    encoded, refused = encode_what_fits(rows, prompting, settings)
    if refused.get(INEXPRESSIBLE, 0) > INEXPRESSIBLE_SHARE * len(rows):
        example = next(row.target for row in rows if not prompting.is_expressible(row.target, row.messages))
        raise TargetsNotExpressible(refused[INEXPRESSIBLE], len(rows), example)
    if not encoded:
        raise NothingToTrain(refused)
    return encoded, refused


def encode_what_fits(
    rows: Sequence[Row], prompting: Prompting, settings: TrainSettings
) -> tuple[list[Encoded], dict[str, int]]:
    """`encode_rows`, raising nothing: development rows may be few, or none."""
    tasks = {task: number for number, task in enumerate(settings.tasks)}
    encoded: list[Encoded] = []
    refused: Counter[str] = Counter()
    for row in rows:
        if row.predictor not in tasks:
            refused["of no predictor to train"] += 1
        elif not prompting.is_expressible(row.target, row.messages):
            refused[INEXPRESSIBLE] += 1
        else:
            one = Encoded(
                prompting.prompt_ids(row.messages),
                prompting.target_ids(row.target, row.messages),
                tasks[row.predictor],
            )
            if one.tokens > settings.max_tokens:
                refused[f"longer than {settings.max_tokens} tokens"] += 1
            else:
                encoded.append(one)
    return encoded, dict(refused)
