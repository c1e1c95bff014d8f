"""The views proposals are asked from. Adding one is adding a line to `VIEWS`."""

import random
from collections.abc import Callable

from msgspec import Struct

from tunesmith.optim.proposer.brief import ANSWER_FORM, Brief

STYLES = (
    "as short as possible: one or two sentences",
    "a precise rule for the form of the answer, and that nothing else may be in it",
    "numbered steps to follow",
    "a list of rules in bullets",
    "a role for the reader, fitting the task",
    "what to do in doubtful and unusual cases",
    "definitions of the terms and labels, in your own words",
    "how much depends on a right answer",
    "a checklist to verify the answer with before giving it",
    "what to look for in the input, and what to ignore",
)


class View(Struct, frozen=True):
    """Something to look at while writing instructions."""

    why: str
    """Of its proposals, for people."""
    has_matter: Callable[[Brief], bool]
    """There is something to look at."""
    look: Callable[[Brief, int, random.Random], str]
    """What the prompt shows and asks, for so many proposals."""


def _data(brief: Brief, _: int, __: random.Random) -> str:
    return (
        f"What the data is like:\n{brief.data}\n\nSome examples:\n\n{brief.examples}\n\n"
        "Write instructions that say how outputs follow from inputs in this data: what tells the answers apart, "
        "the exact form of an answer, the unusual cases."
    )


def _traces(brief: Brief, _: int, __: random.Random) -> str:
    return (
        f"Turns of the module that led to a right result:\n\n{brief.traces}\n\n"
        "Work out what was done right here. Write instructions that make this way of working the rule."
    )


def _errors(brief: Brief, _: int, __: random.Random) -> str:
    return (
        f"What goes wrong with the current instruction:\n{brief.errors}\n\n"
        "Work out why. Write instructions that prevent these errors, the most frequent first, "
        "without spoiling what is right today."
    )


def _role(brief: Brief, _: int, __: random.Random) -> str:
    return (
        f"The program around it:\n{brief.program}\n\n"
        "Write instructions that make the module's part in the program clear: who its reader is, "
        "what its outputs are used for, what they must and must not contain."
    )


def _style(brief: Brief, wanted: int, draw: random.Random) -> str:
    styles = draw.sample(STYLES, min(wanted, len(STYLES)))
    numbered = "\n".join(f"Instruction {number}: {style}." for number, style in enumerate(styles, start=1))
    return f"What the data is like:\n{brief.data}\n\nGive each instruction another emphasis:\n{numbered}"


VIEWS: dict[str, View] = {
    "data": View("from the patterns of the data", lambda brief: bool(brief.examples), _data),
    "errors": View("from the errors of the program as it was", lambda brief: bool(brief.errors), _errors),
    "traces": View("from runs that went right", lambda brief: bool(brief.traces), _traces),
    "style": View("another emphasis", lambda _: True, _style),
    "role": View("from the module's part in the program", lambda brief: bool(brief.program), _role),
}
"""In the order they are asked, when not all are needed."""


REFLECTING = """\
Work out why these errors remain. Write new instructions that keep what helped, drop what hurt, and prevent these \
errors. Some may build on the best one, some should try another way."""


def view_prompt(view: View, brief: Brief, wanted: int, draw: random.Random) -> str:
    """A prompt for `wanted` instructions from one view."""
    task = "Write better instructions for a module of a program that a language model carries out."
    return "\n\n".join(
        [task, brief.module, view.look(brief, wanted, draw), brief.rules, ANSWER_FORM.format(wanted=wanted)]
    )


def reflection_prompt(brief: Brief, scored: str, errors: str, effects: str, wanted: int) -> str:
    """A prompt for `wanted` instructions better than those tried; each text "" where there is nothing to show."""
    parts = [
        "Improve the instructions of a module of a program that a language model carries out.",
        brief.module,
        f"What the data is like:\n{brief.data}" if brief.data else "",
        f"Instructions tried so far, the best first:\n\n{scored}" if scored else "",
        effects,
        f"What the best one still gets wrong:\n{errors}" if errors else "",
        REFLECTING,
        brief.rules,
        ANSWER_FORM.format(wanted=wanted),
    ]
    return "\n\n".join(part for part in parts if part)
