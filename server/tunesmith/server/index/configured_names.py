"""What a configuration names in the code. Files that only it leads to are indexed too."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

DATASETS_LIBRARY = "datasets:"
"""Before a data set's name: no file of the workspace."""


class References(NamedTuple):
    """Each `module:attribute` or `path/file.py:attribute`; anything else is ignored."""

    programs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


class NamedInFile(NamedTuple):
    metrics: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()


NOTHING_NAMED = NamedInFile()


def named_by_file(references: References, file_of: Callable[[str], str | None]) -> dict[str, NamedInFile]:
    """`file_of`: the file of a module's dotted name, or of a path, where the workspace has it."""
    metrics = list(_places(references.metrics, file_of))
    datasets = list(_places(references.datasets, file_of))
    files = {path for path, _ in (*metrics, *datasets, *_places(references.programs, file_of))}
    return {
        file: NamedInFile(
            metrics=frozenset(name for path, name in metrics if path == file),
            datasets=frozenset(name for path, name in datasets if path == file),
        )
        for file in files
    }


def _places(references: Iterable[str], file_of: Callable[[str], str | None]) -> Iterator[tuple[str, str]]:
    for reference in references:
        place, _, attribute = reference.partition(":")
        path = file_of(place) if place and attribute and not reference.startswith(DATASETS_LIBRARY) else None
        if path is not None:
            yield path, attribute
