"""The gist of error messages and of a metric's feedback, and which feedback says the same."""

import re
from collections.abc import Sequence

import numpy as np

from tunesmith.optim.demos import embed_texts
from tunesmith.protocol import Rollout

SHORT = 160
"""Characters of a value that is shown to people or to a prompt model."""
GIST = 120
ALIKE = 0.5
"""Cosine from which two pieces of feedback say the same."""
FEEDBACK_READ = 400
SMALLEST_GROUP = 2
"""Feedback given once is no pattern, unless there is no other."""

_EXPECTED = re.compile(r"Expected to find output fields in the LM response: \[(.*?)\]")
_PARSED = re.compile(r"Actual output fields parsed from the LM response: \[(.*?)\]")
_ANSWER = re.compile(r"LM Response: (.*?)\n\s*Expected to find output fields", re.DOTALL)
_UNREADABLE_VALUE = re.compile(r"Failed to parse field (\w+) with value (.*?) from the LM response", re.DOTALL)
_NUMBER = re.compile(r"\d+")


def shorten(text: str, characters: int = SHORT) -> str:
    """In one line, its end replaced by … where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1].rstrip() + "…"


def gist_of_error(message: str) -> str:
    """One line of an error as `Type: text`, the same for errors that differ in their values only."""
    if (value := _UNREADABLE_VALUE.search(message)) is not None:
        return f"the value of {value.group(1)} has the wrong type"
    if (expected := _EXPECTED.search(message)) is not None:
        parsed = _PARSED.search(message)
        found = {name.strip() for name in parsed.group(1).split(",")} if parsed else set()
        lacking = [name.strip() for name in expected.group(1).split(",") if name.strip() not in found]
        if lacking:
            return f"no field {', '.join(lacking)} in it"
    first = next((line for line in message.splitlines() if line.strip()), "no message")
    return shorten(_NUMBER.sub("…", first), GIST)


def answer_of_error(message: str) -> dict[str, str]:
    """What the model had answered, as the error quotes it; empty where it does not."""
    found = _ANSWER.search(message)
    return {"answer as given": shorten(found.group(1))} if found else {}


def feedback_groups(rollouts: Sequence[Rollout]) -> list[tuple[str, list[Rollout]]]:
    """Rollouts whose feedback says about the same, with the shortest of its words; larger groups first."""
    commented = [rollout for rollout in rollouts if rollout.feedback and rollout.feedback.strip()][:FEEDBACK_READ]
    if not commented:
        return []
    texts = [(rollout.feedback or "").encode("utf-8", "replace").decode() for rollout in commented]
    vectors = embed_texts([_NUMBER.sub("0", text) for text in texts])
    leaders: list[int] = []
    groups: dict[int, list[int]] = {}
    for place in range(len(commented)):
        near = vectors[leaders] @ vectors[place] if leaders else np.zeros(0)
        if len(near) and float(near.max()) >= ALIKE:
            groups[leaders[int(near.argmax())]].append(place)
        else:
            leaders.append(place)
            groups[place] = [place]
    ranked = sorted(groups.values(), key=len, reverse=True)
    kept = [group for group in ranked if len(group) >= SMALLEST_GROUP] or ranked[:3]
    return [
        (shorten(min((texts[place] for place in group), key=len), GIST), [commented[place] for place in group])
        for group in kept
    ]
