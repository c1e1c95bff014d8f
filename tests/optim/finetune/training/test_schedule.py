import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.finetune.training.schedule import Schedule

SCHEDULES = st.builds(
    Schedule,
    examples=st.integers(1, 60),
    batch_examples=st.integers(1, 20),
    epochs=st.sampled_from([0.1, 0.5, 1.0, 1.5, 3.0]),
    seed=st.integers(0, 5),
)


@given(SCHEDULES)
def test_an_epoch_holds_every_example_once(schedule: Schedule) -> None:
    epoch = [schedule.examples_of(step) for step in range(schedule.steps_per_epoch)]
    assert sorted(index for step in epoch for index in step) == list(range(schedule.examples))
    assert {len(step) for step in epoch[:-1]} <= {schedule.batch_examples}
    assert 1 <= len(epoch[-1]) <= schedule.batch_examples


@given(SCHEDULES)
def test_steps_follow_from_seed_and_number(schedule: Schedule) -> None:
    later = [schedule.examples_of(step) for step in reversed(range(2 * schedule.steps_per_epoch))]
    assert later[::-1] == [schedule.examples_of(step) for step in range(2 * schedule.steps_per_epoch)]


def test_epochs_and_seeds_differ() -> None:
    first = Schedule(examples=50, batch_examples=50, epochs=2, seed=0)
    second = Schedule(examples=50, batch_examples=50, epochs=2, seed=1)
    orders = [tuple(schedule.examples_of(step)) for schedule in (first, second) for step in (0, 1)]
    assert len(set(orders)) == 4


@pytest.mark.parametrize(
    ("examples", "epochs", "evaluations", "expected"),
    [
        (80, 1.0, 5, {2, 4, 6, 8, 10}),
        (80, 1.0, 3, {3, 7, 10}),
        (80, 0.25, 10, {1, 2}),
        (8, 0.1, 10, {1}),
        (24, 1.0, 1, {3}),
    ],
)
def test_scorings_are_spread_and_end_with_the_training(
    examples: int, epochs: float, evaluations: int, expected: set[int]
) -> None:
    schedule = Schedule(examples=examples, batch_examples=8, epochs=epochs, seed=0)
    assert schedule.evaluated_after(evaluations) == expected
    assert max(expected) == schedule.steps
