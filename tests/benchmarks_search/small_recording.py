"""Recordings with scores made up by a rule, for tests."""

from collections.abc import Callable

from benchmarks.search.recording import RecordedStage, Recording

Right = Callable[[int, int, int], bool]
"""(instruction, demo set, example) → right?"""


def recording(*stages: Right, instructions: int = 3, demo_sets: int = 2, examples: int = 40) -> Recording:
    return Recording(
        task="made-up",
        model="none",
        adapter="none",
        device="none",
        date="2026-01-01",
        examples=tuple(range(100, 100 + examples)),
        stages=tuple(
            RecordedStage(
                predictor=f"predictor {number}",
                instructions=tuple(f"instruction {place}" for place in range(instructions)),
                demo_sets={f"set {place}": tuple(range(place)) for place in range(demo_sets)},
                scores=tuple(
                    tuple(
                        "".join(str(int(right(instruction, demos, example))) for example in range(examples))
                        for demos in range(demo_sets)
                    )
                    for instruction in range(instructions)
                ),
            )
            for number, right in enumerate(stages)
        ),
    )
