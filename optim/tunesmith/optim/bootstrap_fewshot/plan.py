"""How often BootstrapFewShot runs the program, before it does."""

import math
from collections.abc import Mapping
from typing import Any

from tunesmith.optim.cost import Part, ProgramCalls
from tunesmith.optim.demos import POOL_FACTOR

ACCEPTED = 0.5
"""The share of answers a teacher is taken to get right where no earlier run says how good the program is."""


def bootstrap_calls(
    options: Mapping[str, Any], *, train: int, val: int, teacher_rounds: int, accepted: float | None
) -> ProgramCalls:
    """`accepted`: the share of examples the program is known to get right."""
    bootstrapped, labeled = options.get("max_bootstrapped_demos", 4), options.get("max_labeled_demos", 16)
    rounds = options.get("teacher_rounds", teacher_rounds) if bootstrapped else 0
    most = rounds * train * options.get("max_rounds", 1)
    pool = options.get("pool_size")
    pool = POOL_FACTOR * bootstrapped if pool is None else pool
    share = ACCEPTED if accepted is None else accepted
    until_full = math.ceil(pool / share)
    # A later round teaches what is not solved yet.
    taught = until_full if until_full <= train else train + (rounds - 1) * round((1 - share) * train)
    known = "assumed" if accepted is None else "as before"
    teaching = (
        f"{rounds} teacher round{'' if rounds == 1 else 's'} over {train} training examples, fewer once {pool} are "
        f"answered well ({100 * share:.0f} % of the answers right, {known}), and "
    )
    return ProgramCalls(
        parts=[
            Part(calls=most, demos=min(labeled, train), by_teacher=True),
            Part(calls=val, demos=0),
            Part(calls=val, demos=min(max(bootstrapped, labeled), train)),
        ],
        expected=min(taught, most) + 2 * val,
        basis=f"{teaching if rounds else ''}{val} validation examples twice",
    )
