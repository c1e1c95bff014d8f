"""Whether a program is still the one an artifact was made from."""

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.text.instruction_text import is_same_instruction
from tunesmith.server.index import FingerprintChange, Program, diff_fingerprints


def changes_since(artifact: ArtifactReport, program: Program | None) -> list[FingerprintChange]:
    """What certainly changed since the artifact's run started. Empty where nothing did, or nobody can tell.

    A predictor whose source now says the artifact's own instruction did not change.
    """
    tuned = {choice.predictor: choice.after for choice in artifact.instructions}
    return [
        change
        for change in _differences(artifact, program)
        if change.kind != "cannot-tell"
        and not (
            change.kind == "instructions"
            and change.predictor in tuned
            and is_same_instruction(change.new, tuned[change.predictor])
        )
    ]


def unknown_names(artifact: ArtifactReport, program: Program | None) -> list[str]:
    """Predictors known at run time only: nobody can tell statically whether they changed."""
    return [change.predictor for change in _differences(artifact, program) if change.kind == "cannot-tell"]


def _differences(artifact: ArtifactReport, program: Program | None) -> list[FingerprintChange]:
    if artifact.fingerprint is None or program is None:
        return []
    return diff_fingerprints(artifact.fingerprint, program)
