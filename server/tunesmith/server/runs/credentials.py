"""Whose environment a worker gets: that of the client who asked for the run, kept in memory only."""

import os
from collections.abc import Callable, Mapping

from tunesmith.protocol import RunSpec

PLAIN_NAMES = frozenset(
    {"HOME", "USER", "LOGNAME", "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SHELL"}
    | {"XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TUNESMITH_MODELS"}
    | {"HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"}
    | {"SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "COMSPEC", "PATHEXT"}
)
SECRET_PARTS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "AUTH")
SHORTEST_SECRET = 8


def needs_credentials(spec: RunSpec) -> bool:
    """False only where every model is known and runs on this machine. A program's own model is not known here."""
    if spec.lm is None:
        return True
    models = (spec.lm, spec.teacher_lm, spec.prompt_lm)
    return any(model is not None and not model.startswith("local/") for model in models)


def plain_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Where things lie on this machine, and nothing else: enough for a run that needs no credentials."""
    return {name: value for name, value in environment.items() if name.upper() in PLAIN_NAMES}


def make_redactor(environment: Mapping[str, str]) -> Callable[[str], str]:
    """A function that blots out the environment's secrets in a text that is to be logged or shown."""
    secrets = sorted(
        {
            value
            for name, value in environment.items()
            if len(value) >= SHORTEST_SECRET and any(part in name.upper() for part in SECRET_PARTS)
        },
        key=len,
        reverse=True,
    )

    def redact(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return text

    return redact
