"""The last check of a composed edit: what it adds is literals and calls of known shape, and nothing else changes."""

import ast
from collections.abc import Sequence

from tunesmith.server.edits.instruction.instruction_slot import slot_node
from tunesmith.server.edits.instruction.slot_faults import UNREADABLE, drop_slots
from tunesmith.server.edits.program_edit import InstructionSlot
from tunesmith.server.edits.statements.demos_statement import is_our_demos
from tunesmith.server.edits.statements.load_statement import is_our_load
from tunesmith.server.edits.statements.state_statements import (
    BlockPosition,
    block_positions,
    demos_owner,
    following_state,
    is_load_of,
    signature_of,
    student_of,
)
from tunesmith.server.edits.statements.student_statement import is_our_student
from tunesmith.server.edits.text.added_import import ADDABLE, ImportedName, added_name
from tunesmith.server.edits.text.partial_source import read_difference
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.edits.text.tree_position import node_at, steps_to


def find_fault(
    before: str, after: str, construction_start: int, program: str, slots: Sequence[InstructionSlot] = ()
) -> str | None:
    """Why an edit of the file that constructs the program must not be applied; None where it is sound.

    Both texts are parsed. One import of each addable name may be new at the top, the row of state statements right
    after the construction may differ, and the slots give their instructions; everything else must be the same tree.
    What is new in the row must be one `load` of a path beside the file, or literal demos and instructions, each set
    once; behind them students in folders beside the file may be attached.
    """
    old, new = SourceText.of(before), SourceText.of(after)
    if old is None or new is None:
        return UNREADABLE
    fault = _drop_new_imports(old.tree, new.tree)
    return fault or _find_site_fault(old, new, construction_start, program, slots)


def find_row_fault(before: str, after: str, construction_start: int, program: str) -> str | None:
    """The same where nothing but the row may differ. Reads no more of a long file than that."""
    sources = read_difference(before, after, [construction_start], program)
    return UNREADABLE if sources is None else _find_site_fault(*sources, construction_start, program, ())


_CHANGED = "the edit changes the statement that constructs the program"


def _find_site_fault(
    old: SourceText, new: SourceText, construction_start: int, program: str, slots: Sequence[InstructionSlot]
) -> str | None:
    old_place = next((one for one in block_positions(old.tree) if old.start(one.statement) == construction_start), None)
    if old_place is None:
        return "the statement that constructs the program has moved"
    new_place = _same_place(old.tree, old_place, new.tree)
    if new_place is None:
        return _CHANGED
    old_row, row = following_state(old_place, program), following_state(new_place, program)
    nodes = [slot_node(old, slot.start, slot.end) for slot in slots]
    for place, length in ((old_place, len(old_row)), (new_place, len(row))):
        del place.block[place.index + 1 : place.index + 1 + length]
    fault = drop_slots(old.tree, nodes, slots, new.tree)
    if fault:
        return fault
    after_slots = _same_place(old.tree, old_place, new.tree)
    if after_slots is None or ast.dump(old_place.statement) != ast.dump(after_slots.statement):
        return _CHANGED
    if not _is_allowed(row, old_row, program):
        return "the edit adds more than literals and one call"
    return None if ast.dump(old.tree) == ast.dump(new.tree) else "the edit changes other statements"


def _same_place(old: ast.Module, place: BlockPosition, new: ast.Module) -> BlockPosition | None:
    """The statement at the same place of another tree."""
    steps = steps_to(old, place.statement)
    statement = node_at(new, steps) if steps is not None else None
    return next((one for one in block_positions(new) if one.statement is statement), None)


def _drop_new_imports(old: ast.Module, new: ast.Module) -> str | None:
    """Take the imports an edit may add, one of each, out of `new`."""
    left = list(ADDABLE)
    while (index := _new_import(old, new, left)) is not None:
        if ast.get_docstring(old, clean=False) != ast.get_docstring(new, clean=False):
            return "the edit displaces the docstring"
        if any(isinstance(s, ast.ImportFrom) and s.module == "__future__" for s in new.body[index:]):
            return "the edit displaces a __future__ import"
        left = [one for one in left if one != added_name(new.body[index])]
        del new.body[index]
    return None


def _new_import(old: ast.Module, new: ast.Module, addable: Sequence[ImportedName]) -> int | None:
    """Where the bodies first differ, if there `new` has an addable import."""
    pairs = enumerate(zip(old.body, new.body, strict=False))
    index = next((i for i, (a, b) in pairs if ast.dump(a) != ast.dump(b)), None)
    return index if index is not None and added_name(new.body[index]) in addable else None


def _is_allowed(row: list[ast.stmt], old_row: list[ast.stmt], program: str) -> bool:
    stood = {ast.dump(statement) for statement in old_row}
    added = [statement for statement in row if ast.dump(statement) not in stood]
    students = [statement for statement in row if student_of(statement, program)]
    rest = [statement for statement in row if statement not in students]
    return _are_students_allowed(row, students, added, program) and _is_rest_allowed(
        rest, [statement for statement in added if statement not in students], program
    )


def _are_students_allowed(row: list[ast.stmt], students: list[ast.stmt], added: list[ast.stmt], program: str) -> bool:
    """New ones are ours, and each predictor gets one; a `load` before takes none of them away."""
    new = [statement for statement in students if statement in added]
    owners = [student_of(statement, program) for statement in students]
    loads = [at for at, statement in enumerate(row) if is_load_of(statement, program)]
    first = next((at for at, statement in enumerate(row) if statement in students), len(row))
    if any(at > first for at in loads) and (new or any(row[at] in added for at in loads)):
        return False
    return not new or (
        all(is_our_student(statement) for statement in new)
        and len(set(owners)) == len(owners)
        and (program not in owners or len(owners) == 1)
    )


def _is_rest_allowed(row: list[ast.stmt], added: list[ast.stmt], program: str) -> bool:
    """The same of what is no student."""
    loads = [statement for statement in row if is_load_of(statement, program)]
    if any(is_load_of(statement, program) for statement in added):
        return len(row) == 1 and is_our_load(row[0])
    demos = [statement for statement in row if demos_owner(statement, program)]
    if len(loads) > 1 or (loads and (row[0] is not loads[0] or any(one in added for one in demos))):
        return len(added) == 0
    signatures = [found for statement in row if (found := signature_of(statement, program)) is not None]
    owners = [*(("demos", demos_owner(one, program)) for one in demos), *(("signature", one) for one, _ in signatures)]
    sound = all(is_our_demos(one) for one in added if demos_owner(one, program))
    return not added or (sound and len(set(owners)) == len(owners))
