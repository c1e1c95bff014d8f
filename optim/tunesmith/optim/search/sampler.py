"""Optuna's ask and tell in front of the search: `study.ask()` names the next arm, `study.tell()` answers it.

A trial measures an arm on a block of examples, `sampler.places(trial.number)`. Its objective may leave the scores of
these, in order, in the user attribute "scores"; else the trial's value stands for each of them. The search decides when
a batch's trials are all told.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import TrialState

from tunesmith.optim.search.matrix import Cell
from tunesmith.optim.search.policy import Search
from tunesmith.optim.search.study import parameter_distributions

SCORES = "scores"

_Block = tuple[Cell, ...]


class SearchSampler(BaseSampler):  # type: ignore[misc]  # optuna is not followed by the type checker
    """Samples from a `Search`; the study must maximize and have no other sampler's parameters to be learnt.

    Parameters are named as the space's factors are. Others are drawn at random, and the search does not see them.
    """

    def __init__(self, search: Search) -> None:
        self.search = search
        self._told: dict[Cell, float | None] = {}
        self._assigned: dict[int, _Block] = {}
        self._random = RandomSampler(seed=0)

    @property
    def is_over(self) -> bool:
        """Whether the search wants nothing more; trials asked for then repeat the winner on no example."""
        return not self.search.next_batch()

    def places(self, number: int) -> list[int]:
        """The examples trial `number` is to score, as positions in the search's permutation."""
        return [cell.place for cell in self._assigned.get(number, ())]

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
        return parameter_distributions(self.search.space)

    def sample_relative(self, study: Any, trial: Any, search_space: dict[str, Any]) -> dict[str, int]:
        block = self._next_block()
        self._assigned[trial.number] = block
        arm = block[0].arm if block else self.search.winner().arm
        return dict(zip(search_space, arm, strict=True))

    def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
        return self._random.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Any, trial: Any, state: TrialState, values: Sequence[float] | None) -> None:
        block = self._assigned.get(trial.number, ())
        if state == TrialState.COMPLETE and values is not None:
            scores: Sequence[float | None] = trial.user_attrs.get(SCORES) or [values[0]] * len(block)
        else:
            scores = [None] * len(block)
        # A block handed out twice keeps its first answer.
        for cell, score in zip(block, scores, strict=True):
            self._told.setdefault(cell, score)
        batch = self.search.next_batch()
        if batch and all(cell in self._told for cell in batch):
            self.search.close_batch({cell: self._told[cell] for cell in batch})

    def _next_block(self) -> _Block:
        """A block not handed out yet, else one not told yet: whoever asks ahead of the answers gets work once more."""
        batch = self.search.next_batch()
        blocks = [tuple(cells) for _, cells in groupby(batch, key=lambda cell: cell.arm)]
        handed_out = set(self._assigned.values())
        fresh = [block for block in blocks if block not in handed_out]
        open_blocks = [block for block in blocks if any(cell not in self._told for cell in block)]
        return next(iter([*fresh, *open_blocks]), ())
