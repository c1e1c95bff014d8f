"""The check that an edit gave a signature its instruction, and changed nothing else of it."""

import ast
import copy

from tunesmith.server.edits.instruction.docstring import read_docstring
from tunesmith.server.edits.instruction.signature_call import instruction_argument, is_text, without_instruction
from tunesmith.server.edits.program_edit import InstructionSlot
from tunesmith.server.edits.text.instruction_text import decode_instruction
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.edits.text.tree_position import Steps, find_node, node_at, replace_node, steps_to


def slot_node(source: SourceText, start: int, end: int) -> ast.ClassDef | ast.expr | None:
    """The node of a signature that the index found: a class, an expression, or an assignment of one."""
    node = find_node(source, start, end)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return node.value
    if isinstance(node, ast.Expr):
        return node.value
    return node if isinstance(node, ast.ClassDef | ast.expr) else None


def find_slot_fault(
    old: ast.Module, node: ast.ClassDef | ast.expr, slot: InstructionSlot, new: ast.Module
) -> str | None:
    """Why the edited tree does not say the slot's text; None where it does. What the slot allows to differ is taken
    back in `new`, so that the trees can be compared.

    `node` is the slot's, in `old`.
    """
    steps = steps_to(old, node)
    changed = node_at(new, steps) if steps is not None else None
    if steps is None or changed is None:
        return "the edit moves the signature"
    if isinstance(node, ast.ClassDef):
        return _class_fault(node, slot, changed)
    return _expression_fault(node, slot, changed, new, steps)


def _class_fault(node: ast.ClassDef, slot: InstructionSlot, changed: ast.AST) -> str | None:
    literal = read_docstring(changed) if isinstance(changed, ast.ClassDef) else None
    if not isinstance(changed, ast.ClassDef) or literal is None or not _says(literal, slot):
        return "the edited docstring does not read as the instruction"
    changed.body[:1] = node.body[:1] if read_docstring(node) is not None else []
    return None


def _expression_fault(
    node: ast.expr, slot: InstructionSlot, changed: ast.AST, new: ast.Module, steps: Steps
) -> str | None:
    argument = instruction_argument(changed) if isinstance(changed, ast.Call) else None
    if not isinstance(changed, ast.Call) or argument is None or not _says(argument, slot):
        return "the edited signature does not read as the instruction"
    if isinstance(node, ast.Call):
        same = without_instruction(changed) == without_instruction(node)
    else:
        wanted = [slot.maker, [ast.dump(node)]]
        same = [ast.unparse(changed.func), [ast.dump(one) for one in changed.args[:-1]]] == wanted
        same = same and len(changed.args) == 2 and not changed.keywords
    if not same:
        return "the edit changes more of the signature than its instruction"
    replace_node(new, steps, copy.deepcopy(node))
    return None


def _says(literal: ast.expr, slot: InstructionSlot) -> bool:
    return (
        is_text(literal)
        and isinstance(literal, ast.Constant)
        and decode_instruction(str(literal.value), slot.times) == slot.text
    )
