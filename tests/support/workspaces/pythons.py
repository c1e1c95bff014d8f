"""Stand-ins for the interpreter of a user's environment."""

from pathlib import Path


def a_python(path: Path, does: str = 'echo "$@"', missing: str = "") -> Path:
    """Answers the question what it has, and `does` something when it is asked to run anything else."""
    probe = f'PROBE {{"python": [3, 12], "missing": [{missing}]}}'
    path.write_text(f"#!/bin/sh\nif [ \"$1\" = -c ]; then echo '{probe}'; else {does}; fi\n")
    path.chmod(0o755)
    return path
