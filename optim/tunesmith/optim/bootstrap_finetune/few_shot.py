"""The program with demos: the teacher where none is given, and what a student has to beat."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos import POOL_FACTOR, DemoPool, DemoSettings, Lessons, compose, gather_pool, prepare_teacher
from tunesmith.optim.finetune.data import PassingTrace
from tunesmith.optim.rollouts import Executor
from tunesmith.optim.statistics import label_field


class FewShot(Struct, frozen=True, kw_only=True):
    """A student to be given demos."""

    student: Any
    demos: int
    """Most a predictor."""
    seed: int

    def bootstrapped(self, executor: Executor, examples: Sequence[Any], lessons: Lessons) -> Any:
        """The student with demos it found itself on `examples`, as `BootstrapFewShot` finds them."""

        def composed(pool: DemoPool) -> Any:
            return self._composed(pool, examples)

        pool = gather_pool(
            executor,
            prepare_teacher(self.student, None, examples, max_labeled=self.demos, seed=self.seed),
            examples,
            wanted=POOL_FACTOR * self.demos,
            lessons=lessons,
            improve=composed,
        ).pool
        return composed(pool)

    def from_traces(self, traces: Sequence[PassingTrace], examples: Sequence[Any], places: Sequence[int]) -> Any:
        """The student with demos chosen from its teachers' traces, one an example, and from the labels of `examples` at
        these places: those it is judged on must not be among them."""
        pool = DemoPool(self._predictors)
        taught = [examples[place] for place in places]
        numbers = {place: number for number, place in enumerate(places)}
        label = label_field(taught)
        for trace in traces:
            if (number := numbers[trace.example]) not in pool:
                example_label = taught[number].get(label) if label else None
                pool.add(number, trace.turns, score=trace.score, label=example_label)
        return self._composed(pool, taught)

    @property
    def _predictors(self) -> list[str]:
        return [name for name, _ in self.student.named_predictors()]

    def _composed(self, pool: DemoPool, examples: Sequence[Any]) -> Any:
        settings = DemoSettings(max_bootstrapped=self.demos, max_labeled=self.demos, seed=self.seed)
        return compose(self.student, pool, examples, settings).program
