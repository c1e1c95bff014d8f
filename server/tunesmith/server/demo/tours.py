"""The ways through the bundled example."""

from typing import Any

from msgspec import Struct

from tunesmith.protocol import BOOTSTRAP_FEWSHOT, BOOTSTRAP_FINETUNE, MIPRO_V2, Budget, Tuner


class Tour(Struct, frozen=True, kw_only=True):
    """What is opened, and how it is tuned."""

    source: str
    """The file the editor opens, relative to the example's root. It constructs the target's program."""
    options: dict[str, Any]
    optimizer: Tuner | None = None
    """None: what the lens names."""
    model: str | None = None
    """What a student is made from."""
    budget: Budget = Budget()


TOURS: dict[Tuner, Tour] = {
    # A model this small follows four demonstrations better than sixteen.
    BOOTSTRAP_FEWSHOT.name: Tour(source="bike_desk.py", options={"max_bootstrapped_demos": 4, "max_labeled_demos": 4}),
    # Nine minutes whatever the machine: the best so far is kept, and ten is what people wait. Eight instructions are
    # what so few calls can tell apart.
    MIPRO_V2.name: Tour(
        source="sorting.py",
        options={"max_program_calls": 250, "num_instructions": 8},
        budget=Budget(max_seconds=540),
    ),
    # Two epochs over a hundred rows: some 20,000 tokens, which two cores train on in two minutes.
    BOOTSTRAP_FINETUNE.name: Tour(
        source="sorting.py",
        optimizer=BOOTSTRAP_FINETUNE.name,
        model="local/smollm2-135m",
        options={"strategy": "lora", "epochs": 2, "train_kwargs": {"evaluations": 5}},
    ),
}
