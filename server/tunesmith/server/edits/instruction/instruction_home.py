"""Where a predictor's instruction lives, and the edit that writes another one there."""

import ast
import inspect
import re
from typing import Literal

from msgspec import Struct

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.instruction.docstring import docstring_edit, read_docstring
from tunesmith.server.edits.instruction.instruction_slot import slot_node
from tunesmith.server.edits.instruction.signature_call import signature_edit, signature_name
from tunesmith.server.edits.instruction.signature_uses import SignatureUses
from tunesmith.server.edits.instruction.slot_faults import find_fault_elsewhere
from tunesmith.server.edits.program_edit import InstructionSlot, TextEdit, apply_edits
from tunesmith.server.edits.statements.construction_site import ConstructionSite
from tunesmith.server.edits.text.partial_source import read_part
from tunesmith.server.edits.text.source_text import SourceText
from tunesmith.server.index import ResolvedPredictor, ResolvedSignature
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot

READINGS = {"Predict": 1, "ChainOfThought": 2}
"""The modules whose predictors say what their signature says, and how often dspy reads it: `ChainOfThought` makes a
signature of one more field from what it read. All others build instructions of their own."""

_SETS_INSTRUCTIONS = re.compile(r"\.(signature|instructions)\s*=(?!=)|\.with_instructions\(|\bsetattr\(")


class SourceHome(Struct, frozen=True, kw_only=True):
    """A docstring or an argument, which can carry the text, and feeds this predictor alone."""

    kind: Literal["docstring", "signature"]
    path: str
    edit: TextEdit
    slot: InstructionSlot


def source_home(
    snapshot: WorkspaceSnapshot, uses: SignatureUses, predictor: ResolvedPredictor, text: str
) -> SourceHome | None:
    """None where the instruction can only be set after the program is constructed."""
    signature, times = predictor.signature, READINGS.get(predictor.kind)
    if signature is None or times is None or predictor.dynamic or signature.fact.instructions is None:
        return None
    source = _read(snapshot, signature)
    home = _slot(source, signature, text, times) if source is not None else None
    if source is None or home is None or not uses.is_single(signature):
        return None
    edited = apply_edits(source.text, [home.edit])
    return home if find_fault_elsewhere(source.text, edited, [home.slot]) is None else None


def written_instruction(predictor: ResolvedPredictor) -> str | None:
    """The instruction in the predictor's source, where that is the one it has at run time, as far as the index
    knows."""
    times = READINGS.get(predictor.kind)
    fact = predictor.signature.fact if predictor.signature is not None else None
    if times is None or predictor.dynamic or fact is None or fact.instructions is None:
        return None
    return fact.instructions if times == 1 else inspect.cleandoc(fact.instructions)


def holds_at_run_time(
    snapshot: WorkspaceSnapshot,
    found: FoundTarget,
    site: ConstructionSite,
    artifact: ArtifactReport,
    name: str,
    text: str,
) -> bool:
    """Whether a predictor had the instruction of its source when the run started. `text`: the artifact's."""
    prints = {one.name: one for one in artifact.fingerprint.predictors} if artifact.fingerprint else {}
    static = prints[name].instructions if name in prints else None
    before = next((choice.before for choice in artifact.instructions if choice.predictor == name), text)
    if static is not None and inspect.cleandoc(static) == inspect.cleandoc(before):
        return True
    if not site.loads or found.program is None:
        return False
    # An earlier artifact gave it another one, and is about to be replaced. Nothing else may do so.
    texts = {path: snapshot.index.text(path) or "" for path in found.program.sources}
    return not any(map(_SETS_INSTRUCTIONS.search, {**texts, site.path: site.text_without_state()}.values()))


def _read(snapshot: WorkspaceSnapshot, signature: ResolvedSignature) -> SourceText | None:
    text, facts = snapshot.index.text(signature.path), snapshot.index.facts(signature.path)
    if text is None or facts is None or facts.broken:
        return None
    return read_part(text, signature.fact.span.start, imports_of="dspy")


def _slot(source: SourceText, signature: ResolvedSignature, text: str, times: int) -> SourceHome | None:
    span = signature.fact.span
    node = slot_node(source, span.start, span.end)
    if node is None:
        return None
    maker = None
    kind: Literal["docstring", "signature"] = "signature"
    if isinstance(node, ast.ClassDef):
        kind = "docstring"
        standing = read_docstring(node)
        if standing is not None and inspect.cleandoc(str(standing.value)) != signature.fact.instructions:
            return None
        edit = docstring_edit(source, node, text, times)
    else:
        maker = signature_name(source.tree, node.lineno)
        edit = signature_edit(source, node, text, times, maker)
    if edit is None:
        return None
    slot = InstructionSlot(start=span.start, end=span.end, text=text, times=times, maker=maker)
    return SourceHome(kind=kind, path=signature.path, edit=edit, slot=slot)
