"""Which examples teach, which choose, which judge: drawn by input, before a teacher is asked anything."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.errors import DataError, NoExamples
from tunesmith.optim.rollouts import check_examples, digest, to_plain
from tunesmith.optim.statistics import label_field, split_examples

TEST_SHARE = 1 / 3
"""Of the inputs, where no validation data is given: a student's gain needs many examples to be seen."""
MOST_TEST = 200
DEV_SHARE = 0.15
"""Of the inputs that are left."""
FEW_DEV, MOST_DEV = 4, 100


class Split(Struct, frozen=True, kw_only=True):
    """Examples, no input on more than one side."""

    train: list[Any]
    dev: list[Any]
    """Choose among training steps and ways to train. Empty below four inputs."""
    test: list[Any]
    """Judge, and do nothing else: the validation data where it was given."""
    train_places: list[int]
    """Where `train` lies in the training data given."""
    dev_places: list[int]
    line: str
    """What was done, as one sentence."""

    @property
    def taught_places(self) -> list[int]:
        """Where the examples lie that teachers work through."""
        return sorted([*self.train_places, *self.dev_places])


def split_by_input(examples: Sequence[Any], seed: int, *, valset: Sequence[Any] | None = None) -> Split:
    """Split training data, with every label's share on each side where the examples have labels.

    Deterministic in `seed` and the order of `examples`. With a `valset`, that is the test, and examples whose input
    it holds teach nothing. Raises `DataError` where there is nothing to teach or to test with.
    """
    if not examples:
        raise NoExamples("trainset")
    if valset is not None and not valset:
        raise NoExamples("valset")
    check_examples(examples, "trainset")
    check_examples(valset or [], "valset")
    by_input = _by_input(examples)
    if valset is not None:
        known = {input_fingerprint(example) for example in valset}
        left = {source: places for source, places in by_input.items() if source not in known}
        if not left:
            raise DataError("Every input of the trainset is in the valset too: pass other training data.")
        test, repeated = list(valset), len(by_input) - len(left)
    else:
        if len(by_input) < 2:
            raise DataError("One input cannot both teach and test: pass more examples, or a valset.")
        left, held_out = _hold_out(examples, by_input, seed, min(TEST_SHARE, MOST_TEST / len(by_input)))
        test, repeated = [examples[place] for place in _places(held_out)], 0
    train, dev = _hold_out_dev(examples, left, seed)
    train_places, dev_places = _places(train), _places(dev)
    return Split(
        train=[examples[place] for place in train_places],
        dev=[examples[place] for place in dev_places],
        test=test,
        train_places=train_places,
        dev_places=dev_places,
        line=_line(examples, len(train_places), len(dev_places), len(test), valset is not None, repeated),
    )


def input_fingerprint(example: Any) -> str:
    """Equal where the inputs are, whatever else the example holds."""
    return digest({name: to_plain(value) for name, value in sorted(example.inputs().items())})


_Groups = dict[str, list[int]]
"""Places of the examples, by the fingerprint of their input."""


def _by_input(examples: Sequence[Any]) -> _Groups:
    groups: _Groups = {}
    for place, example in enumerate(examples):
        groups.setdefault(input_fingerprint(example), []).append(place)
    return groups


def _hold_out_dev(examples: Sequence[Any], groups: _Groups, seed: int) -> tuple[_Groups, _Groups]:
    wanted = min(max(round(len(groups) * DEV_SHARE), min(FEW_DEV, len(groups) // 4)), MOST_DEV)
    return _hold_out(examples, groups, seed, wanted / len(groups)) if wanted else (groups, {})


def _hold_out(examples: Sequence[Any], groups: _Groups, seed: int, fraction: float) -> tuple[_Groups, _Groups]:
    """(The rest, a `fraction` of the inputs.) An input has the label of its first example."""
    sides = split_examples([examples[places[0]] for places in groups.values()], seed, fraction)
    held_out = {input_fingerprint(example) for example in sides[1]}
    rest = {source: places for source, places in groups.items() if source not in held_out}
    return rest, {source: places for source, places in groups.items() if source in held_out}


def _places(groups: _Groups) -> list[int]:
    return sorted(place for places in groups.values() for place in places)


def _line(examples: Sequence[Any], train: int, dev: int, test: int, given: bool, repeated: int) -> str:
    label = label_field(examples)
    drawn = f", each with its share of every `{label}`" if label is not None else ""
    tests = f"{test} of the valset test it" if given else f"{test} are kept to test it"
    sides = f"{train} examples teach the student, {dev} choose its best step, {tests}; no input is on two sides{drawn}."
    if repeated:
        sides += f" {repeated} inputs of the trainset are in the valset too and teach nothing."
    return sides
