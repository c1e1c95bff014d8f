"""What BootstrapFinetune would ask of teachers with its options, before any of them is asked."""

from msgspec import Struct

from tunesmith.optim.cost import Part, ProgramCalls
from tunesmith.optim.demos import POOL_FACTOR
from tunesmith.optim.finetune.data import Split, split_by_input
from tunesmith.optim.order import Order
from tunesmith.protocol import BootstrapFinetuneOptions

ACCEPTED = 0.7
"""The share of a teacher's traces taken to pass, where no earlier run says otherwise."""


class FinetunePlan(Struct, frozen=True, kw_only=True):
    """What teachers are asked, before anything is trained."""

    split: Split
    demos: int
    """A predictor that the program is given to be its own teacher; 0: it teaches as it came."""
    samples: int
    """Times each teacher answers each example."""
    compares: bool
    """What was held out is answered by all that are compared."""

    def program_calls(self, accepted: float | None) -> ProgramCalls:
        """Runs of teachers; what the student answers itself costs nothing and is not counted. `accepted`: the share of
        traces known to pass."""
        taught, demos, samples, train = len(self.split.taught_places), self.demos, self.samples, len(self.split.train)
        gathered = min(train, round(POOL_FACTOR * demos / (accepted or ACCEPTED)))
        judged = len(self.split.test) if self.compares else 0
        basis = f"{taught} training examples, {samples} time{'' if samples == 1 else 's'} each"
        if gathered:
            basis += f", after about {gathered} to find the teacher's demos"
        return ProgramCalls(
            train=taught,
            val=len(self.split.test),
            parts=[
                Part(calls=train if demos else 0, demos=demos, by_teacher=True),
                Part(calls=taught * samples, demos=demos, by_teacher=True),
                Part(calls=judged, demos=demos, by_teacher=True),
            ],
            expected=gathered + taught * samples + judged,
            basis=f"{basis}, and {judged} held-out examples once; what the student answers itself is not counted",
        )


def plan_finetune(options: BootstrapFinetuneOptions, split: Split) -> FinetunePlan:
    """For data that was split."""
    return FinetunePlan(split=split, demos=options.teacher_demos, samples=options.samples, compares=options.compare)


def plan_order(order: Order) -> FinetunePlan:
    """Of a run that was ordered."""
    split = split_by_input(order.resolved.trainset, order.spec.seed, valset=order.resolved.valset)
    return plan_finetune(BootstrapFinetuneOptions(**order.options), split)
