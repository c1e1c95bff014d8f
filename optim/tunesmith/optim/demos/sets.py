"""Several demo sets a predictor, for a search to choose from: short and few to diverse and many.

DSPy's MIPROv2 has zero-shot, labels only, first-come and shuffled bootstrap runs (dspy/teleprompt/utils.py,
`create_n_fewshot_demo_sets`). Here they all come from one pool: nothing is asked of a model again.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos.compose import Composition, as_demo, compose
from tunesmith.optim.demos.embedding import Embedder
from tunesmith.optim.demos.facility_location import BALANCED, Floats, Weights
from tunesmith.optim.demos.labeled import sample_labeled
from tunesmith.optim.demos.pool import DemoCandidate, DemoPool, as_text, estimate_tokens
from tunesmith.optim.demos.select import PickedDemo, measure_similarity, select_demos
from tunesmith.optim.rollouts.plain_values import to_plain
from tunesmith.optim.scoring.labels import label_field
from tunesmith.protocol import DemoChoice

AS_IT_CAME = "as it came"
ZERO_SHOT = "zero-shot"
LABELS_ONLY = "labels only"
FIRST_COME = "first come"
COMPOSED = "balanced"

LABELED_READ = 1000
"""Labelled examples a selection chooses from: a larger data set is sampled."""
DRAWS_TRIED = 4
"""Random draws for each place still free: a small pool soon repeats itself."""

SHORT = Weights(length=1.0)
DIVERSE = Weights(label=1.5, length=0.0)


class DemoSet(Struct, frozen=True, kw_only=True):
    """Demos of one predictor, to be shown together."""

    name: str
    demos: list[Any]
    """`dspy.Example`s, in the order shown; share their values with the data and the pool."""
    choices: list[DemoChoice]
    """One a demo, in the same order."""
    tokens: int
    """Estimated, of all demos."""


class _Recipe(Struct, frozen=True):
    """A selection on the front: how large a share of the places, by which weights."""

    name: str
    share: float
    weights: Weights
    filled: bool = False
    """Free places up to `max_labeled` are filled with labelled examples."""


BOOTSTRAPPED = (
    _Recipe("short few", 0.5, SHORT),
    _Recipe("diverse many", 1.0, DIVERSE, filled=True),
    _Recipe("half", 0.5, BALANCED),
    _Recipe("one short", 0.0, SHORT),
)
LABELED = (
    _Recipe("labels only, diverse", 1.0, DIVERSE),
    _Recipe("labels only, few", 0.5, SHORT),
)


def demo_sets(
    pool: DemoPool,
    student: Any,
    trainset: Sequence[Any],
    *,
    count: int,
    max_bootstrapped: int,
    max_labeled: int,
    embedder: Embedder | str | None = None,
    seed: int,
) -> dict[str, list[DemoSet]]:
    """Up to `count` sets for every predictor of `student`, no two alike; the first is what the student came with.

    A set shows at most `max_bootstrapped` candidates of the pool and, with labelled examples, `max_labeled` demos in
    all. With both 0 there is only what came. Deterministic in `seed` and the order of the data.
    """
    kitchen = _Kitchen(pool, student, trainset, max_bootstrapped, max_labeled, embedder, seed)
    return {name: kitchen.sets(name, predictor, count) for name, predictor in student.named_predictors()}


class _Kitchen:
    """What every set is made from."""

    def __init__(
        self,
        pool: DemoPool,
        student: Any,
        trainset: Sequence[Any],
        max_bootstrapped: int,
        max_labeled: int,
        embedder: Embedder | str | None,
        seed: int,
    ) -> None:
        self._pool, self._trainset = pool, trainset
        self._max_bootstrapped, self._max_labeled = max_bootstrapped, max_labeled
        self._embedder, self._seed = embedder, seed
        self._label = label_field(trainset)
        self._place = {id(example): index for index, example in enumerate(trainset)}

        def composed(of: DemoPool, most: int) -> Composition:
            return compose(
                student, of, trainset, max_bootstrapped=most, max_labeled=max_labeled, embedder=embedder, seed=seed
            )

        self._labels_only = composed(DemoPool(pool.predictors), 0)
        self._composed = composed(pool, max_bootstrapped)

    def sets(self, name: str, predictor: Any, count: int) -> list[DemoSet]:
        found: list[DemoSet] = []
        seen: set[frozenset[str]] = set()
        for one in self._candidates(name, predictor, count):
            if len(found) >= max(1, count):
                break
            shown = _shown(one, predictor)
            if shown not in seen:
                seen.add(shown)
                found.append(one)
        return found

    def _candidates(self, name: str, predictor: Any, count: int) -> Iterator[DemoSet]:
        """Best guesses first, possibly alike."""
        yield _own(name, predictor)
        if not (self._max_bootstrapped or self._max_labeled):
            return
        yield _demo_set(ZERO_SHOT, [], [])
        yield _composed_set(LABELS_ONLY, self._labels_only, name)
        turns = self._pool.candidates(name)
        places = self._max_bootstrapped if turns else 0
        if places:
            yield self._first_come(name, predictor, turns)
        yield _composed_set(COMPOSED, self._composed, name)
        bootstrapped = self._selections(name, predictor, BOOTSTRAPPED, turns, places, "bootstrapped")
        labeled = self._selections(
            name, predictor, LABELED, self._labeled_candidates(name, predictor), self._max_labeled, "labeled"
        )
        # The best guess of either kind comes before the second of the other.
        yield from _alternately(bootstrapped, labeled)
        for number in range(1, DRAWS_TRIED * count + 1):
            yield self._draw(name, predictor, turns, number)

    def _first_come(self, name: str, predictor: Any, turns: Sequence[DemoCandidate]) -> DemoSet:
        first = turns[: self._max_bootstrapped]
        picked = [PickedDemo(turn, "among the first accepted, in the order of the training data") for turn in first]
        return self._set(FIRST_COME, name, predictor, picked, filled=True)

    def _selections(
        self,
        name: str,
        predictor: Any,
        recipes: Sequence[_Recipe],
        candidates: Sequence[DemoCandidate],
        places: int,
        origin: str,
    ) -> Iterator[DemoSet]:
        if not candidates or not places:
            return
        similarity: Floats = measure_similarity(candidates, self._trainset, self._embedder)
        for recipe in recipes:
            picked = select_demos(
                candidates,
                self._trainset,
                k=max(1, round(recipe.share * places)),
                label_name=self._label,
                weights=recipe.weights,
                similarity=similarity,
            )
            yield self._set(recipe.name, name, predictor, picked, filled=recipe.filled, origin=origin)

    def _labeled_candidates(self, name: str, predictor: Any) -> list[DemoCandidate]:
        """Labelled examples in the form of the pool's candidates, so that they are chosen alike."""
        if not self._max_labeled:
            return []
        signature, draw = predictor.signature, self._draws(name, "labelled")
        drawn = sample_labeled(predictor, self._trainset, LABELED_READ, draw)
        candidates = [
            DemoCandidate(
                predictor=name,
                example=self._place[id(example)],
                inputs={field: example[field] for field in signature.input_fields if field in example},
                outputs={field: example[field] for field in signature.output_fields if field in example},
                score=1.0,
                label=example.get(self._label) if self._label else None,
            )
            for example in drawn
        ]
        return sorted(candidates, key=lambda candidate: candidate.example)

    def _draw(self, name: str, predictor: Any, turns: Sequence[DemoCandidate], number: int) -> DemoSet:
        """As dspy's shuffled runs: some of the pool at random, then labelled examples."""
        draw = self._draws(name, f"draw {number}")
        most = min(self._max_bootstrapped, len(turns))
        taken = sorted(draw.sample(range(len(turns)), draw.randint(1, most))) if most else []
        picked = [PickedDemo(turns[place], "drawn at random") for place in taken]
        return self._set(f"draw {number}", name, predictor, picked, filled=True)

    def _set(
        self,
        title: str,
        name: str,
        predictor: Any,
        picked: Sequence[PickedDemo],
        *,
        filled: bool,
        origin: str = "bootstrapped",
    ) -> DemoSet:
        demos: list[Any] = []
        choices: list[DemoChoice] = []
        for demo in picked:
            values = demo.candidate.values
            is_labeled = origin == "labeled"
            demos.append(self._trainset[demo.candidate.example] if is_labeled else as_demo(values))
            choices.append(_choice(name, demo.candidate.example, origin, demo.why, values))
        if filled:
            shown = {demo.candidate.example for demo in picked}
            unused = [example for index, example in enumerate(self._trainset) if index not in shown]
            draw = self._draws(name, title)
            for example in sample_labeled(predictor, unused, self._max_labeled - len(demos), draw):
                demos.append(example)
                why = "fills a free place with a labelled example"
                choices.append(_choice(name, self._place[id(example)], "labeled", why, dict(example.items())))
        return _demo_set(title, demos, choices)

    def _draws(self, name: str, purpose: str) -> random.Random:
        """Apart for each predictor and set, so that one more of either changes no other."""
        return random.Random(f"{self._seed}\0{name}\0{purpose}")


def _own(name: str, predictor: Any) -> DemoSet:
    demos = list(predictor.demos)
    return _demo_set(
        AS_IT_CAME,
        demos,
        [_choice(name, None, "own", "the program came with it", dict(demo.items())) for demo in demos],
    )


def _composed_set(title: str, composition: Composition, name: str) -> DemoSet:
    demos = dict(composition.program.named_predictors())[name].demos
    return _demo_set(title, list(demos), [choice for choice in composition.choices if choice.predictor == name])


def _demo_set(title: str, demos: list[Any], choices: list[DemoChoice]) -> DemoSet:
    return DemoSet(name=title, demos=demos, choices=choices, tokens=sum(choice.tokens for choice in choices))


def _choice(name: str, example: int | None, origin: str, why: str, values: dict[str, Any]) -> DemoChoice:
    return DemoChoice(
        predictor=name,
        example=example,
        origin=origin,
        why=why,
        tokens=estimate_tokens(values),
        values=to_plain(values),
    )


def _shown(one: DemoSet, predictor: Any) -> frozenset[str]:
    """What a prompt shows of a set: fields beyond the signature and the order make no other set."""
    fields = [*predictor.signature.input_fields, *predictor.signature.output_fields]
    return frozenset(as_text({field: [field, demo[field]] for field in fields if field in demo}) for demo in one.demos)


def _alternately(first: Iterator[DemoSet], second: Iterator[DemoSet]) -> Iterator[DemoSet]:
    sides = [first, second]
    while sides:
        for side in list(sides):
            if (one := next(side, None)) is None:
                sides.remove(side)
            else:
                yield one
