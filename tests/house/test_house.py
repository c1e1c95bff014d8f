"""The house keeps its rules: doors open onto documented names, and a deliberate breach is noticed."""

import importlib
import inspect

import grimp
import pytest
from importlinter.configuration import configure
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract

from house.doors import PACKAGES, count_imports, rooms_with_doors

ROOMS = rooms_with_doors()


@pytest.fixture
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def test_nobody_goes_past_a_door(graph: grimp.ImportGraph) -> None:
    between, past = count_imports(graph, ROOMS)
    assert between > 100
    assert past == []


def test_going_past_a_door_is_noticed(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="tunesmith.server.cli.check", imported="tunesmith.server.index.syntax")
    _, past = count_imports(graph, ROOMS)
    assert past == [("tunesmith.server.cli.check", "tunesmith.server.index.syntax")]


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("tunesmith.optim.rollouts.lm", "tunesmith.optim.rollouts.run"),  # files
        ("tunesmith.server.edits.text.diff", "tunesmith.server.edits.statements.placement"),  # folders
    ],
)
def test_a_circle_is_noticed(graph: grimp.ImportGraph, importer: str, imported: str) -> None:
    configure()  # what the command line does first
    contract = AcyclicSiblingsContract("circles", {}, {"ancestors": list(PACKAGES)})
    assert contract.check(graph, verbose=False).kept
    graph.add_import(importer=importer, imported=imported)
    assert not contract.check(graph, verbose=False).kept


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_door_gives_is_there_and_says_what_it_is(room: str) -> None:
    door = importlib.import_module(room)
    assert door.__doc__
    public = [name for name, given in vars(door).items() if name[0] != "_" and not inspect.ismodule(given)]
    for name in getattr(door, "__all__", public):
        given = getattr(door, name)
        if inspect.isclass(given) or inspect.isfunction(given):
            assert given.__doc__, f"{room}.{name} has no docstring"
            assert not given.__doc__.startswith(f"{name}("), f"{room}.{name} has a generated docstring"
