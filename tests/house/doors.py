"""Counts imports between rooms, and those that go past a door. `make check` prints it; anything past one fails.

The doors are the `protected` contracts of `.importlinter`, so that nothing is said twice.
"""

import configparser
import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = ("tunesmith.protocol", "tunesmith.server", "tunesmith.optim")


def rooms_with_doors(contracts: Path = ROOT / ".importlinter") -> list[str]:
    """Packages whose `__init__` is the only way in."""
    parser = configparser.ConfigParser()
    parser.read(contracts)
    doors = [parser[name] for name in parser.sections() if name.startswith("importlinter:contract:door-")]
    return [door["allowed_importers"].strip() for door in doors]


def count_imports(graph: grimp.ImportGraph, rooms: list[str]) -> tuple[int, list[tuple[str, str]]]:
    """How many modules' imports lead into a room from outside, and which of them miss its door."""
    between, past = 0, []
    for importer in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            room = _room_of(imported, rooms)
            if room is None or _is_within(importer, room):
                continue
            between += 1
            if imported != room:
                past.append((importer, imported))
    return between, past


def _room_of(module: str, rooms: list[str]) -> str | None:
    around = [room for room in rooms if _is_within(module, room)]
    return max(around, key=len, default=None)


def _is_within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def main() -> int:
    rooms = rooms_with_doors()
    between, past = count_imports(grimp.build_graph(*PACKAGES, cache_dir=None), rooms)
    for importer, imported in past:
        sys.stdout.write(f"{importer} imports {imported}, past its room's door\n")
    sys.stdout.write(f"{len(rooms)} doors, {between} imports into their rooms, {len(past)} past a door\n")
    return 1 if past else 0


if __name__ == "__main__":
    sys.exit(main())
