"""What has to be written so that every predictor of a program has its artifact's instruction."""

from typing import Any

from msgspec import Struct

from tunesmith.protocol import ArtifactReport
from tunesmith.protocol.folder_layout import PROGRAM_FILE
from tunesmith.server.edits.instruction.instruction_home import (
    SourceHome,
    holds_at_run_time,
    source_home,
    written_instruction,
)
from tunesmith.server.edits.instruction.signature_uses import SignatureUses
from tunesmith.server.edits.program_edit import Refusal
from tunesmith.server.edits.statements.construction_site import ConstructionSite, find_partial_site
from tunesmith.server.edits.statements.predictor_path import canonical_expression
from tunesmith.server.edits.statements.signature_statement import signature_statement
from tunesmith.server.edits.text.instruction_text import normalize_instruction
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot


class InstructionPlan(Struct, frozen=True, kw_only=True):
    homes: dict[str, SourceHome]
    """Predictor → the edit of its signature's source."""
    statements: dict[str, str]
    """Predictor → the statement after the construction."""
    changed: list[str]
    """Those predictors of either that the source gives another one now."""


def plan_instructions(
    snapshot: WorkspaceSnapshot,
    site: ConstructionSite,
    found: FoundTarget,
    artifact: ArtifactReport,
    states: dict[str, dict[str, Any]],
    *,
    keeps_load: bool = False,
) -> InstructionPlan | Refusal:
    """`states`: of the predictors concerned, by name, as `program.json` has them. A predictor whose source says its
    instruction already needs nothing. `keeps_load`: a `load` stays, so that only a statement after it counts."""
    touched = {choice.predictor for choice in artifact.instructions}
    touched |= {name for name in states if canonical_expression(site.program, name) in site.instructions}
    static = {one.name: one for one in found.program.predictors} if found.program else {}
    plan = InstructionPlan(homes={}, statements={}, changed=[])
    uses = None
    for name, state in states.items():
        text = (state.get("signature") or {}).get("instructions")
        if not isinstance(text, str):
            return Refusal(reason=f"{PROGRAM_FILE} has no instruction of {name}.", next_step="Tune again.")
        predictor = static.get(name)
        written = written_instruction(predictor) if predictor is not None else None
        holds = not keeps_load and holds_at_run_time(snapshot, found, site, artifact, name, text)
        if written is not None and holds:
            if written == text:
                continue
            assert predictor is not None
            uses = uses or SignatureUses(snapshot, found)
            home = source_home(snapshot, uses, predictor, text)
            if home is not None:
                plan.homes[name] = home
                plan.changed.append(name)
                continue
        elif written in (None, text) and name not in touched and not site.loads:
            continue  # the run left it as the program came, whatever that is
        statement = signature_statement(
            site.program, name, text, indent=site.construction.indent, style=site.source.style
        )
        if isinstance(statement, Refusal):
            return statement
        plan.statements[name] = statement
        if site.instructions.get(canonical_expression(site.program, name) or "") != text:
            plan.changed.append(name)
    return plan


def describe_homes(
    snapshot: WorkspaceSnapshot, found: FoundTarget, artifact: ArtifactReport, predictors: list[str]
) -> dict[str, str]:
    """Where the new instruction of each predictor would be written alone, to follow a verb. Empty where nowhere."""
    site = find_partial_site(snapshot, found)
    if isinstance(site, Refusal):
        return {}
    wanted = {one.predictor: one.after for one in artifact.instructions if one.predictor in predictors}
    states = {name: {"signature": {"instructions": normalize_instruction(text)}} for name, text in wanted.items()}
    plan = plan_instructions(snapshot, site, found, artifact, states, keeps_load=site.loads)
    if isinstance(plan, Refusal):
        return {}
    homes = {name: f"into its {home.kind}" for name, home in plan.homes.items()}
    return {name: homes.get(name, f"after `{site.program} = …`") for name in wanted}
