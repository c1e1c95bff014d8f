"""The generated TypeScript types, one declaration after the other."""

import re
import subprocess
import sys
from collections.abc import Iterator

from golden.machine import Machine
from golden.normalise import Normaliser

DECLARATION = re.compile(r"^export (?:interface (\w+) \{.*?^\}|(?:const|type) (\w+).*?;$)", re.MULTILINE | re.DOTALL)
SEPARATOR = "\n\n"
METHOD = re.compile(r'^  "[\w/]+": .*;$', re.MULTILINE)


def record_types(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    file = machine.place / "protocol.ts"
    command = [sys.executable, "-m", "tunesmith.protocol.typescript", str(file)]
    subprocess.run(command, env=machine.environment, check=True)
    text = file.read_text(encoding="utf-8")
    found = {one[1] or one[2]: one[0] for one in DECLARATION.finditer(text)}
    methods = METHOD.findall(found.pop("Methods"))
    yield "declarations.ts", SEPARATOR.join(found[name] for name in sorted(found)) + "\n"
    yield "methods.ts", SEPARATOR.join(sorted(methods)) + "\n"
