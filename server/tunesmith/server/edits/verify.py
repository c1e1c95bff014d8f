"""The last check of a composed edit: what it adds is literals and one call, and nothing else changes."""

import ast

from tunesmith.server.edits.demos_statement import is_our_demos
from tunesmith.server.edits.load_statement import is_our_load
from tunesmith.server.edits.path_import import is_pathlib_import
from tunesmith.server.edits.source_text import SourceText
from tunesmith.server.edits.state_statements import demos_owner, following_state, is_load_of, places


def find_fault(before: str, after: str, construction_start: int, program: str) -> str | None:
    """Why an edit must not be applied; None where it is sound.

    Both texts are parsed. One pathlib import may be new at the top, and the row of state statements right after
    the construction may differ; everything else must be the same tree, and the new row must be at most one `load`
    of a path beside the file and assignments of literal demos, each to its own predictor.
    """
    old, new = SourceText.of(before), SourceText.of(after)
    if old is None or new is None:
        return "the edited text does not parse"
    fault = _drop_new_import(old.tree, new.tree)
    if fault:
        return fault
    old_places, new_places = list(places(old.tree)), list(places(new.tree))
    starts = [old.start(place.statement) for place in old_places]
    if construction_start not in starts:
        return "the statement that constructs the program has moved"
    number = starts.index(construction_start)
    old_place, new_place = old_places[number], new_places[number] if number < len(new_places) else None
    if new_place is None or ast.dump(old_place.statement) != ast.dump(new_place.statement):
        return "the edit changes the statement that constructs the program"
    old_row, row = following_state(old_place, program), following_state(new_place, program)
    if list(map(ast.dump, row)) != list(map(ast.dump, old_row)) and not _is_allowed(row, program):
        return "the edit adds more than literals and one call"
    for place, length in ((old_place, len(old_row)), (new_place, len(row))):
        del place.block[place.index + 1 : place.index + 1 + length]
    return None if ast.dump(old.tree) == ast.dump(new.tree) else "the edit changes other statements"


def _drop_new_import(old: ast.Module, new: ast.Module) -> str | None:
    """Take the one import an edit may add out of `new`."""
    pairs = enumerate(zip(old.body, new.body, strict=False))
    index = next((i for i, (a, b) in pairs if ast.dump(a) != ast.dump(b)), None)
    if index is None or not is_pathlib_import(new.body[index]):
        return None
    if ast.get_docstring(old, clean=False) != ast.get_docstring(new, clean=False):
        return "the edit displaces the docstring"
    if any(isinstance(s, ast.ImportFrom) and s.module == "__future__" for s in new.body[index:]):
        return "the edit displaces a __future__ import"
    del new.body[index]
    return None


def _is_allowed(row: list[ast.stmt], program: str) -> bool:
    loads = [statement for statement in row if is_load_of(statement, program)]
    if loads:
        return len(row) == 1 and is_our_load(loads[0])
    owners = [demos_owner(statement, program) for statement in row]
    return all(map(is_our_demos, row)) and len(set(owners)) == len(owners)
