"""What this interpreter must have before a run can start. Standard library only: it may lack everything else."""

import importlib.util
import json
import os
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("msgspec", "filelock", "lazy_loader", "numpy", "dspy")
DSPY = "dspy>=3.3,<4"
LOWEST_DSPY, BELOW_DSPY = (3, 3), (4,)
REQUIREMENT_MISSING = -32001
"""JSON-RPC error code; `data` names the package, the interpreter and the command that installs it."""


def missing_requirement() -> dict[str, Any] | None:
    """The error's `data` where something is missing or too old: `missing`, `found`, `interpreter`, `install`."""
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            return _data(package, None)
    found = dspy_version()
    numbers = tuple(int(number) for number in re.findall(r"\d+", found)[:2])
    return None if LOWEST_DSPY <= numbers < BELOW_DSPY else _data("dspy", found)


def dspy_version() -> str:
    """The installed dspy's version, without importing it; `0` where its metadata is missing."""
    try:
        return version("dspy")
    except PackageNotFoundError:
        return "0"


def refuse(data: dict[str, Any], link_in: int, link_out: int) -> None:
    """Answer the first message with the error, in plain JSON."""
    with os.fdopen(link_in, "rb") as requests:
        first = requests.readline()
    try:
        request_id = json.loads(first).get("id")
    except (ValueError, AttributeError):
        request_id = None
    found = f"has dspy {data['found']}, which is not supported" if data["found"] else f"has no {data['missing']}"
    message = f"{data['interpreter']} {found}. Install it: {data['install']}"
    error = {"code": REQUIREMENT_MISSING, "message": message, "data": data}
    with os.fdopen(link_out, "wb") as replies:
        replies.write(json.dumps({"jsonrpc": "2.0", "id": request_id, "error": error}).encode() + b"\n")


def _data(package: str, found: str | None) -> dict[str, Any]:
    wanted = DSPY if package == "dspy" else "tunesmith"
    return {
        "missing": package,
        "found": found,
        "interpreter": sys.executable,
        "install": f"{sys.executable} -m pip install '{wanted}'",
    }
