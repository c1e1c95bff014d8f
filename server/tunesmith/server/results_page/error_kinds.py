"""What went wrong in a candidate's rollouts, by kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tunesmith.protocol.results_messages import CandidateErrors, RolloutErrorKind
from tunesmith.protocol.store import Outcome
from tunesmith.server.text import describe_error_kind

MOST_KINDS = 12
MOST_EXAMPLES = 20
SAMPLE_LENGTH = 4000


def error_kinds(candidate: str, outcomes: Sequence[Outcome]) -> list[CandidateErrors]:
    """One for each data set the candidate met, validation first."""
    splits = sorted({outcome.split for outcome in outcomes}, reverse=True)
    return [_of_split(candidate, split, [one for one in outcomes if one.split == split]) for split in splits]


def _of_split(candidate: str, split: str, outcomes: Sequence[Outcome]) -> CandidateErrors:
    broken = [outcome for outcome in outcomes if outcome.status != "scored"]
    return CandidateErrors(
        candidate=candidate,
        split=split,
        rollouts=len(outcomes),
        accepted=sum(outcome.accepted for outcome in outcomes),
        wrong=sum(outcome.status == "scored" and not outcome.accepted for outcome in outcomes),
        kinds=_kinds(broken),
    )


def _kinds(broken: Iterable[Outcome]) -> list[RolloutErrorKind]:
    by_kind: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in broken:
        by_kind[describe_error_kind(outcome.error or outcome.status)].append(outcome)
    largest = sorted(by_kind.items(), key=lambda kind: (-len(kind[1]), kind[0]))[:MOST_KINDS]
    return [
        RolloutErrorKind(
            text=text,
            count=len(own),
            examples=sorted({one.example for one in own})[:MOST_EXAMPLES],
            sample=(own[0].error or own[0].status)[:SAMPLE_LENGTH],
        )
        for text, own in largest
    ]
