"""Keeping credentials out of what is stored and shown."""

import os
import re

SECRET_NAME = re.compile(r"(^|_)(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(_|$)", re.IGNORECASE)
KEY_SHAPE = re.compile(r"\b(?:sk|pk|gsk|hf|xai|ghp|glpat)[-_][A-Za-z0-9_-]{12,}")
SHORTEST_SECRET = 8
"""Shorter values would blank out ordinary words."""
BLANK = "[redacted]"


def redact(text: str) -> str:
    """The text without the values of environment variables named like secrets, and without what looks like a key."""
    for name, value in os.environ.items():
        if len(value) >= SHORTEST_SECRET and value in text and SECRET_NAME.search(name):
            text = text.replace(value, BLANK)
    return KEY_SHAPE.sub(BLANK, text)
