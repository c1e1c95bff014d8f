"""What BootstrapFewShot would do with its options, and how often that runs the program."""

import math

from msgspec import Struct

from tunesmith.optim.cost import Part, ProgramCalls
from tunesmith.optim.demos import POOL_FACTOR
from tunesmith.protocol import BootstrapFewShotOptions

ACCEPTED = 0.5
"""The share of answers a teacher is taken to get right where no earlier run says how good the program is."""


class TeachingPlan(Struct, frozen=True, kw_only=True):
    """Who teaches how often, and until when."""

    train: int
    """Training examples."""
    val: int
    """Validation examples: the program and the tuned one are scored on each of them."""
    bootstrapped: int
    """Demos from traces a predictor, at most; 0: nothing is taught."""
    labeled: int
    """Demos a predictor, at most, where labelled examples fill the places left."""
    pool: int
    """Accepted examples from which no more are taught."""
    rounds: int
    """Programs that teach, at most: the teacher, then the program as improved so far."""
    attempts: int
    """Tries of each of them on an example."""

    def program_calls(self, accepted: float | None) -> ProgramCalls:
        """`accepted`: the share of examples the program is known to get right."""
        rounds = self.rounds if self.bootstrapped else 0
        most = rounds * self.train * self.attempts
        share = ACCEPTED if accepted is None else accepted
        until_full = math.ceil(self.pool / share)
        # A later round teaches what is not solved yet.
        repeated = (rounds - 1) * round((1 - share) * self.train)
        taught = until_full if until_full <= self.train else self.train + repeated
        known = "assumed" if accepted is None else "as before"
        teaching = (
            f"{rounds} teacher round{'' if rounds == 1 else 's'} over {self.train} training examples, fewer once "
            f"{self.pool} are answered well ({100 * share:.0f} % of the answers right, {known}), and "
        )
        return ProgramCalls(
            train=self.train,
            val=self.val,
            parts=[
                Part(calls=most, demos=min(self.labeled, self.train), by_teacher=True),
                Part(calls=self.val, demos=0),
                Part(calls=self.val, demos=min(max(self.bootstrapped, self.labeled), self.train)),
            ],
            expected=min(taught, most) + 2 * self.val,
            basis=f"{teaching if rounds else ''}{self.val} validation examples twice",
        )


def plan_teaching(options: BootstrapFewShotOptions, *, train: int, val: int) -> TeachingPlan:
    """For so many training and validation examples."""
    bootstrapped = options.max_bootstrapped_demos
    return TeachingPlan(
        train=train,
        val=val,
        bootstrapped=bootstrapped,
        labeled=options.max_labeled_demos,
        pool=POOL_FACTOR * bootstrapped if options.pool_size is None else options.pool_size,
        rounds=options.teacher_rounds,
        attempts=options.max_rounds,
    )
