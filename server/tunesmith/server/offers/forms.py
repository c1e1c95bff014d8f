"""Which forms of an edit are worth offering, known without reading the artifact."""

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits import Form, predictor_expression, settle, spell
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot


def possible_forms(snapshot: WorkspaceSnapshot, found: FoundTarget, artifact: ArtifactReport) -> list[Form]:
    """None where no one statement constructs the program, or its file is broken. `compose_edit` has the last word."""
    path, construction = found.construction_path, found.construction
    facts = snapshot.index.facts(path) if path else None
    if construction is None or facts is None or facts.broken:
        return []
    if artifact.students:
        return ["load"]
    predictors = {one.predictor for one in artifact.demos} | {one.predictor for one in artifact.instructions}
    expressible = all(predictor_expression(construction.name, name) for name in predictors)
    carried = all(spell(settle(choice.after)) is not None for choice in artifact.instructions)
    if not (predictors and expressible and carried and artifact.literal_demos):
        return ["load"]
    return ["load", "instructions" if artifact.instructions else "demos"]
