"""Several demo sets a predictor, for a search to choose from. It finds no better than what is offered: they differ.

DSPy's MIPROv2 has zero-shot, labels only, first-come and shuffled bootstrap runs (dspy/teleprompt/utils.py,
`create_n_fewshot_demo_sets`). Here they all come from one pool, so that nothing is asked of a model again. After
zero-shot, labels only, first come and the balanced selection come by turns: what no teacher solved, a mixed draw
(`draws.py`), and a further selection (`selections.py`), from short and few to diverse and many. The same demos in
another order are another set. Sets that show one label alone come last.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tunesmith.optim.demos.composition import Composition, DemoSettings, as_demo, compose
from tunesmith.optim.demos.draws import (
    ChosenDemo,
    draw_mixed,
    draw_unsolved,
    fill_places,
    find_unsolved,
    sample_labeled,
)
from tunesmith.optim.demos.pool import DemoCandidate, DemoPool, as_text, estimate_tokens
from tunesmith.optim.demos.selections import BOOTSTRAPPED, LABELED, Recipe, select_by_recipe
from tunesmith.optim.dspy_types import Example, Predictor, Program
from tunesmith.optim.rollouts import to_plain
from tunesmith.optim.statistics import label_field
from tunesmith.protocol import DemoChoice

AS_IT_CAME = "as it came"
ZERO_SHOT = "zero-shot"
LABELS_ONLY = "labels only"
FIRST_COME = "first come"
COMPOSED = "balanced"

LABELED_READ = 1000
"""Labelled examples a selection chooses from: a larger data set is sampled."""
DRAWS_TRIED = 4
"""Random draws of each kind for each set wanted: a small pool soon repeats itself."""


class DemoSet(Struct, frozen=True, kw_only=True):
    """Demos of one predictor, to be shown together."""

    name: str
    demos: list[Any]
    """`dspy.Example`s, in the order shown; share their values with the data and the pool."""
    choices: list[DemoChoice]
    """One a demo, in the same order."""
    tokens: int
    """Estimated, of all demos."""


def demo_sets(
    pool: DemoPool, student: Program, trainset: Sequence[Example], settings: DemoSettings, *, count: int
) -> dict[str, list[DemoSet]]:
    """Up to `count` sets for every predictor of `student`, no two alike; the first is what the student came with.

    Where `settings` allow no demo there is only what came. Deterministic in their seed and the order of the data.
    """
    maker = _SetMaker(pool, student, trainset, settings)
    return {name: maker.sets(name, predictor, count) for name, predictor in student.named_predictors()}


class _SetMaker:
    """Makes the sets of one program."""

    def __init__(self, pool: DemoPool, student: Program, trainset: Sequence[Example], settings: DemoSettings) -> None:
        self._pool, self._trainset, self._settings = pool, trainset, settings
        self._label = label_field(trainset)
        self._label_counts = Counter(example[self._label] for example in trainset) if self._label else Counter()
        self._place = {id(example): index for index, example in enumerate(trainset)}
        labels_alone = replace(settings, max_bootstrapped=0)
        self._labels_only = compose(student, DemoPool(pool.predictors), trainset, labels_alone)
        self._composed = compose(student, pool, trainset, settings)

    def sets(self, name: str, predictor: Predictor, count: int) -> list[DemoSet]:
        found: list[DemoSet] = []
        seen: set[tuple[str, ...]] = set()
        for one in self._one_label_last(self._candidates(name, predictor, count)):
            if len(found) >= max(1, count):
                break
            shown = _shown(one, predictor)
            if shown not in seen:
                seen.add(shown)
                found.append(one)
        return found

    def _candidates(self, name: str, predictor: Predictor, count: int) -> Iterator[DemoSet]:
        """Best guesses first, possibly alike."""
        yield _own(name, predictor)
        if not (self._settings.max_bootstrapped or self._settings.max_labeled):
            return
        yield _demo_set(ZERO_SHOT, [], [])
        yield _composed_set(LABELS_ONLY, self._labels_only, name)
        bootstrapped = self._pool.candidates(name) if self._settings.max_bootstrapped else []
        labeled = self._labeled_candidates(name, predictor)
        if bootstrapped:
            yield self._first_come(name, bootstrapped, labeled)
        yield _composed_set(COMPOSED, self._composed, name)
        numbers = range(1, DRAWS_TRIED * count + 1)
        yield from _by_turns(
            self._unsolved_sets(name, bootstrapped, labeled, numbers),
            self._mixed_sets(name, bootstrapped, labeled, numbers),
            _by_turns(
                self._selected_sets(name, BOOTSTRAPPED, bootstrapped, self._settings.max_bootstrapped, labeled),
                self._selected_sets(name, LABELED, labeled, self._settings.max_labeled, labeled),
            ),
        )

    def _one_label_last(self, sets: Iterator[DemoSet]) -> Iterator[DemoSet]:
        """Demos of one label teach a small model to say nothing else, unless most of the data have it anyway."""
        put_off = []
        for one in sets:
            examples = [self._trainset[choice.example] for choice in one.choices if choice.example is not None]
            labels = {example[self._label] for example in examples} if self._label else set()
            if len(examples) > 1 and len(labels) == 1 and 2 * self._label_counts[labels.pop()] < len(self._trainset):
                put_off.append(one)
            else:
                yield one
        yield from put_off

    def _first_come(
        self, name: str, bootstrapped: Sequence[DemoCandidate], labeled: Sequence[DemoCandidate]
    ) -> DemoSet:
        why = "among the first accepted, in the order of the training data"
        first = [
            ChosenDemo(candidate, "bootstrapped", why) for candidate in bootstrapped[: self._settings.max_bootstrapped]
        ]
        return self._set(FIRST_COME, name, self._filled(FIRST_COME, name, first, labeled))

    def _unsolved_sets(
        self, name: str, bootstrapped: Sequence[DemoCandidate], labeled: Sequence[DemoCandidate], numbers: range
    ) -> Iterator[DemoSet]:
        unsolved = find_unsolved(labeled, bootstrapped)
        for title in [f"unsolved {number}" for number in numbers if unsolved]:
            drawn = draw_unsolved(unsolved, labeled, count=self._settings.max_labeled, draw=self._draws(name, title))
            yield self._set(title, name, drawn)

    def _mixed_sets(
        self, name: str, bootstrapped: Sequence[DemoCandidate], labeled: Sequence[DemoCandidate], numbers: range
    ) -> Iterator[DemoSet]:
        for title in [f"draw {number}" for number in numbers]:
            drawn = draw_mixed(
                bootstrapped,
                labeled,
                max_bootstrapped=self._settings.max_bootstrapped,
                max_labeled=self._settings.max_labeled,
                draw=self._draws(name, title),
            )
            yield self._set(title, name, drawn)

    def _selected_sets(
        self,
        name: str,
        recipes: Sequence[Recipe],
        candidates: Sequence[DemoCandidate],
        places: int,
        labeled: Sequence[DemoCandidate],
    ) -> Iterator[DemoSet]:
        for recipe, chosen in select_by_recipe(
            candidates, self._trainset, recipes, places=places, label_name=self._label, embedder=self._settings.embedder
        ):
            demos = self._filled(recipe.name, name, chosen, labeled) if recipe.filled else chosen
            yield self._set(recipe.name, name, demos)

    def _filled(
        self, title: str, name: str, chosen: Sequence[ChosenDemo], labeled: Sequence[DemoCandidate]
    ) -> list[ChosenDemo]:
        return fill_places(chosen, labeled, self._settings.max_labeled, self._draws(name, title))

    def _labeled_candidates(self, name: str, predictor: Predictor) -> list[DemoCandidate]:
        """Labelled examples in the form of the pool's candidates, so that they are chosen alike."""
        if not self._settings.max_labeled:
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

    def _set(self, title: str, name: str, chosen: Sequence[ChosenDemo]) -> DemoSet:
        demos: list[Any] = []
        choices: list[DemoChoice] = []
        for demo in chosen:
            values, example = demo.candidate.values, demo.candidate.example
            demos.append(self._trainset[example] if demo.origin == "labeled" else as_demo(values))
            choices.append(_choice(name, example, demo.origin, demo.why, values))
        return _demo_set(title, demos, choices)

    def _draws(self, name: str, purpose: str) -> random.Random:
        """Apart for each predictor and set, so that one more of either changes no other."""
        return random.Random(f"{self._settings.seed}\0{name}\0{purpose}")


def _own(name: str, predictor: Predictor) -> DemoSet:
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


def _shown(one: DemoSet, predictor: Predictor) -> tuple[str, ...]:
    """What a prompt shows of a set, in its order: fields beyond the signature make no other set."""
    fields = [*predictor.signature.input_fields, *predictor.signature.output_fields]
    return tuple(as_text({field: [field, demo[field]] for field in fields if field in demo}) for demo in one.demos)


def _by_turns(*kinds: Iterator[DemoSet]) -> Iterator[DemoSet]:
    """One of each kind, then the next of each, as long as any has more."""
    left = list(kinds)
    while left:
        for kind in list(left):
            if (one := next(kind, None)) is None:
                left.remove(kind)
            else:
                yield one
