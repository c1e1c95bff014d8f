"""The last check of an edit that gives instructions: each stands in its slot, and nothing else changes."""

import ast
from collections.abc import Sequence

from tunesmith.server.edits.instruction.instruction_slot import find_slot_fault, slot_node
from tunesmith.server.edits.program_edit import InstructionSlot
from tunesmith.server.edits.text.partial_source import read_difference

UNREADABLE = "the edited text does not parse"


def find_fault_elsewhere(before: str, after: str, slots: Sequence[InstructionSlot]) -> str | None:
    """Why an edit that may change nothing but instructions must not be applied; None where it is sound."""
    sources = read_difference(before, after, [slot.start for slot in slots])
    if sources is None:
        return UNREADABLE
    old, new = sources
    nodes = [slot_node(old, slot.start, slot.end) for slot in slots]
    fault = drop_slots(old.tree, nodes, slots, new.tree)
    if fault:
        return fault
    return None if ast.dump(old.tree) == ast.dump(new.tree) else "the edit changes other statements"


def drop_slots(
    old: ast.Module, nodes: list[ast.ClassDef | ast.expr | None], slots: Sequence[InstructionSlot], new: ast.Module
) -> str | None:
    """Take the slots' instructions out of both trees; what is wrong with one of them, None where nothing is.

    `nodes`: of the old tree, one a slot; None where it is not found any more.
    """
    for node, slot in zip(nodes, slots, strict=True):
        fault = "the signature has moved" if node is None else find_slot_fault(old, node, slot, new)
        if fault:
            return fault
    return None
