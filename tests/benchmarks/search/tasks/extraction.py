"""Delivery notes with several numbers each: how many parcels? The notes are generated, from one seed."""

import random

import dspy

from benchmarks.search.tasks import Stage, Task

SEED = 20
DEMO_ROWS = 40
"""The first of the pool, set aside for demos."""
SCORED_ROWS = 120

NAMES = ("Weber", "Novak", "Rossi", "Silva", "Jansen", "Keller", "Dubois", "Horvat", "Larsen", "Moreau")
CITIES = ("Graz", "Lyon", "Porto", "Bergen", "Turin", "Ghent", "Malmo", "Basel", "Split", "Leeds")
THINGS = ("parcels", "boxes", "crates", "cartons")
NOTES = (
    "Order {order}: {count} {things} for {name} in {city}, gate {gate}, {weight} kg in all.",
    "{name}, {city}. {weight} kg, {count} {things}, order {order}. Ring at number {gate}.",
    "Please bring {count} {things} to {name} at dock {gate}, {city}. Reference {order}.",
    "Driver {gate} collected order {order} for {city}: {weight} kg on {count} {things}, signed {name}.",
    "To {name} in {city}: the {count} {things} of order {order} arrive on day {gate}.",
    "{city}, stop {gate}: {name} gets {count} {things} ({weight} kg) with order {order}.",
    "Order {order} weighs {weight} kg. {name} in {city} expects {count} {things} before {gate} o'clock.",
    "Van {gate} to {city}. {name} took {count} of our {things}; order {order} is closed.",
)


class CountParcels(dspy.Signature):
    """Extract the number."""

    note: str = dspy.InputField()
    parcels: int = dspy.OutputField()


INSTRUCTIONS = (
    CountParcels.instructions,
    (
        "How many parcels (boxes, crates, cartons) does the delivery note mention? Answer with that count, not with "
        "the order number, the weight, or the gate."
    ),
    "Go through the note number by number. Say for each what it counts. Keep the one that counts packages.",
    "You are the dispatcher of a large warehouse, precise, calm and always on time.",
    "Find the order number in the delivery note, it is the most important one.",
    "The count of packages is the number right before parcels, boxes, crates or cartons.",
)


def load() -> Task:
    rows = notes(DEMO_ROWS + SCORED_ROWS)
    stage = Stage("count", CountParcels, INSTRUCTIONS, demo_sets())
    return Task("extraction", rows, tuple(range(DEMO_ROWS, len(rows))), (stage,), first=4)


def notes(count: int) -> list[dict[str, object]]:
    chance = random.Random(SEED)
    return [note(chance) for _ in range(count)]


def note(chance: random.Random) -> dict[str, object]:
    parcels, gate = chance.sample(range(2, 30), 2)
    text = chance.choice(NOTES).format(
        order=chance.randrange(1000, 10000),
        count=parcels,
        things=chance.choice(THINGS),
        name=chance.choice(NAMES),
        city=chance.choice(CITIES),
        gate=gate,
        weight=chance.randrange(31, 900),
    )
    return {"note": text, "parcels": parcels}


def demo_sets() -> dict[str, tuple[int, ...]]:
    return {
        "none": (),
        "the first two": (0, 1),
        "the first four": (0, 1, 2, 3),
        "eight": tuple(range(4, 12)),
        "four others": (12, 13, 14, 15),
        "one": (16,),
    }
