"""The bundled example: BikeDesk's two predictors, metric `both_right`.

The predictors answer independently of each other and the metric is the mean of the two, so each is recorded on its
own: 6 × 6 settings of each give all 1,296 programs for the price of 72.
"""

import importlib
import json
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from benchmarks.search.tasks import Stage, Task

WORKSPACE = Path(str(files("tunesmith.server.demo"))) / "workspace"
DEMO_ROWS = 24
"""The first of the pool, set aside for demos."""
SCORED_ROWS = 120

TOPICS = (
    (
        "Sort the message. The topic is broken when something of the bike does not work, is damaged or is missing. "
        "The topic is money when it is about a price, a payment, a refund or a receipt."
    ),
    "Read the message step by step: who writes, what happened, what is asked for? Then choose the topic.",
    "You are an experienced employee of a bike rental who always stays polite.",
    "Money matters most to us. Messages are usually about money.",
    "Answer with one word: broken or money.",
)
BIKES = (
    "Copy the four-digit number of the bike out of the message, digit by digit, and nothing else.",
    "Read the message step by step, look at every number in it, and decide which of them belongs to the bike.",
    "You are an experienced employee of a bike rental who knows every bike by heart.",
    "Count the bikes that the message mentions and answer with the number.",
    "The answer is an integer between 1000 and 9999.",
)


def load() -> Task:
    rows = [
        json.loads(line)
        for name in ("train.jsonl", "held_out.jsonl")
        for line in (WORKSPACE / "data" / name).read_text(encoding="utf-8").splitlines()
    ]
    program = program_module()
    sort = program.SortMessage, (program.SortMessage.instructions, *TOPICS)
    find = program.FindBike, (program.FindBike.instructions, *BIKES)
    stages = (Stage("sort", *sort, topic_demos(rows)), Stage("find", *find, bike_demos(rows)))
    return Task("desk", rows, tuple(range(DEMO_ROWS, DEMO_ROWS + SCORED_ROWS)), stages, first=2)


def topic_demos(rows: list[dict[str, object]]) -> dict[str, tuple[int, ...]]:
    broken = [place for place in range(DEMO_ROWS) if rows[place]["topic"] == "broken"]
    money = [place for place in range(DEMO_ROWS) if rows[place]["topic"] == "money"]
    return {
        "none": (),
        "two of each topic": (broken[0], money[0], money[1], broken[1]),
        "four of each topic": (*pairs(broken[2:6], money[2:6]),),
        "two of each topic, others": (money[6], broken[6], broken[7], money[7]),
        "four drawn, three on money": (money[0], broken[3], money[2], money[5]),
        "four on one topic": tuple(broken[4:8]),
    }


def bike_demos(rows: list[dict[str, object]]) -> dict[str, tuple[int, ...]]:
    return {
        "none": (),
        "the first two": (0, 1),
        "the first four": (0, 1, 2, 3),
        "eight": tuple(range(4, 12)),
        "four others": (12, 13, 14, 15),
        "one": (16,),
    }


def pairs(left: list[int], right: list[int]) -> list[int]:
    return [place for pair in zip(left, right, strict=True) for place in pair]


def program_module() -> ModuleType:
    sys.path.insert(0, str(WORKSPACE))
    try:
        return importlib.import_module("bike_desk")
    finally:
        sys.path.remove(str(WORKSPACE))
