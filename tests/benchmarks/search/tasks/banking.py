"""Four intents of banking77 (PolyAI-LDN/task-specific-datasets, CC BY 4.0), read from outside the repository."""

import csv
from pathlib import Path
from typing import Literal

import dspy

from benchmarks.search.tasks import DataMissing, Stage, Task

DATA = Path(__file__).parents[5] / "shared" / "data" / "banking77_train.csv"
INTENTS = ("age_limit", "exchange_rate", "lost_or_stolen_card", "passcode_forgotten")
DEMO_ROWS = 12
"""Of each intent, set aside for demos."""
SCORED_ROWS = 50
"""Of each intent."""


class SortMessage(dspy.Signature):
    """Decide the intent of the message."""

    message: str = dspy.InputField()
    intent: Literal["age_limit", "exchange_rate", "lost_or_stolen_card", "passcode_forgotten"] = dspy.OutputField()


INSTRUCTIONS = (
    SortMessage.instructions,
    (
        "Customers write to a bank. Sort each message into one of four intents: age_limit (how old one has to be, "
        "accounts for children), exchange_rate (rates and currencies), lost_or_stolen_card (the card is gone), "
        "passcode_forgotten (the passcode to log in is not known any more)."
    ),
    (
        "First find the words that carry the meaning of the message. Then compare them with every intent. "
        "Finally answer with the intent that fits best."
    ),
    "You are a friendly and patient bank clerk with twenty years of experience who loves helping customers.",
    "Most messages are about the age of the customer. If in doubt, answer age_limit.",
    "Answer with exactly one of age_limit, exchange_rate, lost_or_stolen_card, passcode_forgotten. No other words.",
)


def load() -> Task:
    if not DATA.exists():
        raise DataMissing(f"banking: {DATA} is missing. It is banking77's train.csv (columns text, category).")
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = [{"message": row["text"], "intent": row["category"]} for row in csv.DictReader(file)]
    places = {intent: [place for place, row in enumerate(rows) if row["intent"] == intent] for intent in INTENTS}
    scored = [place for intent in INTENTS for place in places[intent][DEMO_ROWS : DEMO_ROWS + SCORED_ROWS]]
    return Task("banking", rows, tuple(scored), (Stage("sort", SortMessage, INSTRUCTIONS, demo_sets(places)),), first=4)


def demo_sets(places: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    age, rate, lost, forgotten = (places[intent] for intent in INTENTS)
    return {
        "none": (),
        "one of each intent": (rate[0], forgotten[0], age[0], lost[0]),
        "two of each intent": (age[1], lost[1], rate[1], forgotten[1], lost[2], age[2], forgotten[2], rate[2]),
        "one of each intent, others": (lost[5], age[5], forgotten[5], rate[5]),
        "four drawn, two intents": (rate[6], lost[6], rate[7], rate[8]),
        "four of one intent": (age[8], age[9], age[10], age[11]),
    }
