"""Why a search asked for the cells of a batch, as far as can be seen from outside.

The search decides by phases (`search/policy.py`); which phase an arm comes from follows from the score matrix, the
budget and the space, so a resumed run gives the same reasons.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from tunesmith.optim.prompt_search.choices import candidate_id
from tunesmith.optim.search import (
    BASELINE_FIRST,
    BLOCK,
    DESIGN_SHARE,
    PROBE,
    RESERVE_SHARE,
    Arm,
    Cell,
    Search,
    Space,
    find_leader,
)
from tunesmith.protocol import BatchArm, SearchReason


def explain_batch(search: Search, batch: Sequence[Cell], *, first: Space, required: Sequence[Arm]) -> list[BatchArm]:
    """Every arm of the open batch, with its number of cells and why it is measured; none of an empty batch.

    To be asked before the batch is closed. `first` is the space and `required` the arms the search began with.
    """
    cells = Counter(cell.arm for cell in batch)
    if not cells:
        return []
    reasons = _reasons(search, cells, first=first, has_required=bool(required))
    return [BatchArm(candidate=candidate_id(arm), cells=cells[arm], reason=reasons[arm]) for arm in cells]


def _reasons(search: Search, cells: Counter[Arm], *, first: Space, has_required: bool) -> dict[Arm, SearchReason]:
    if _is_about_baseline(search):
        return dict.fromkeys(cells, "baseline")
    if _is_design(search, first, has_required):
        return dict.fromkeys(cells, "design")
    leader = find_leader(search.posterior(), search.matrix)
    if _is_finishing(search, leader, cells.total()):
        return dict.fromkeys(cells, "finishing")
    new = _new_arms(search, leader, first)
    return {arm: _race_reason(search, arm, leader, new) for arm in cells}


def _is_about_baseline(search: Search) -> bool:
    asked = search.matrix.asked(search.space.baseline)
    is_probed = asked >= min(PROBE, search.examples)
    return not is_probed or (search.budget >= BASELINE_FIRST * search.examples and asked < search.examples)


def _is_design(search: Search, first: Space, has_required: bool) -> bool:
    """A budget too small for a design of two arms has one only for those it must hold."""
    has_design = first.size > 1 and (has_required or int(DESIGN_SHARE * search.budget / BLOCK) > 1)
    return has_design and not any(any(arm) for arm in search.matrix.asked_arms())


def _is_finishing(search: Search, leader: Arm, cells: int) -> bool:
    before = search.remaining + cells
    unfinished = search.examples - search.matrix.asked(leader)
    return before <= min(unfinished, int(RESERVE_SHARE * search.budget))


def _new_arms(search: Search, leader: Arm, first: Space) -> set[Arm]:
    """The leader with each of the levels that were added and never asked for."""
    asked = search.matrix.asked_arms()
    return {
        (*leader[:factor], level, *leader[factor + 1 :])
        for factor, (before, now) in enumerate(zip(first.levels, search.space.levels, strict=True))
        for level in range(before, now)
        if all(arm[factor] != level for arm in asked)
    }


def _race_reason(search: Search, arm: Arm, leader: Arm, new: Collection[Arm]) -> SearchReason:
    if arm in new:
        return "new"
    if arm == leader:
        return "leader"
    return "challenger" if search.matrix.asked(arm) else "predicted"
