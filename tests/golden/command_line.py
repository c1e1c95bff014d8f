"""Every verb of the command line: its help, what reads a workspace, runs, edits, and what a user does wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

from golden.calls import transcript, without_hardware
from golden.machine import WORKSPACES, Machine
from golden.normalise import Normaliser
from golden.stores import record_runs

DESK = WORKSPACES / "desk"
SERVER = Path(__file__).parents[2] / "server"

VERBS = ("lsp", "index", "check", "targets", "evaluate", "estimate", "optimize", "apply", "ui", "demo")
ACTIONS = {
    "daemon": ("start", "stop", "status", "logs"),
    "runs": ("list", "show", "resume", "cancel"),
    "model": ("pull", "list", "serve", "export"),
}
READING = ("index", "index --json", "check", "check --json", "targets", "targets --json")

MISTAKES = (
    "",
    "tune",
    "optimise desk",
    "optimize",
    "optimize des",
    "optimize des --json",
    "optimize desk --optimizer best",
    "optimize desk --auto light",
    "optimize desk --threads 0",
    "optimize desk --option teacher_rounds",
    "optimize desk --option nonsense=1 --json",
    "optimize desk --python nowhere/python",
    "evaluate tune.py:1",
    "evaluate tune.py:21",
    "evaluate broken --json",
    "evaluate desk --lm local/smollm2-135m",
    "estimate sort --optimizer bootstrap-finetune --strategy some",
    "optimize sort --optimizer bootstrap-finetune --model nothing-of-the-kind --json",
    "runs show latest --example 99",
    "runs show 2000",
    "runs show 2000 --json",
    "apply latest --predictor sort",
    "index nowhere.py",
    "check --root nowhere",
    "targets ..",
    "model pull smollm3",
    "model export compiled/desk-student --format hf",
    "model list",
    "model list --json",
)
TUNING = (
    "runs list",
    "runs show latest",
    "estimate desk --optimizer mipro-v2 --json",
    "evaluate desk",
    "runs list --json",
    "estimate desk --max-labeled-demos 2 --max-usd 1",
    "optimize desk --max-bootstrapped-demos 3 --max-labeled-demos 4 --json",
    "runs show latest",
    "runs show latest --json",
    "runs show latest --features",
    "runs show latest --example 3",
    "runs show latest --example 5 --json",
    "optimize desk --max-calls 40 --seed 1",
    "optimize desk --max-bootstrapped-demos 2 --max-labeled-demos 2 --no-keep-baseline --reuse latest",
    "evaluate tune.py:21 --yes-run-script",
    "runs cancel latest",
    "runs resume latest",
    "targets",
    "runs list",
)
SEARCH = (
    "optimize sort --max-program-calls 80",
    "runs show latest",
    "runs show latest --json",
    "runs show latest --features",
)
FINETUNING = ("estimate sort --optimizer bootstrap-finetune --model google/flan-t5-base",)
CHOSEN = "--max-bootstrapped-demos 3 --max-labeled-demos 4"
APPLYING = (
    f"optimize desk {CHOSEN}",
    "check",
    "check --json",
    "apply latest --diff",
    "apply latest --diff --json",
    "apply latest --form demos --diff",
    "apply latest --form instructions --diff",
    "apply latest --json",
    "check",
    "index desk/program.py --json",
    "apply latest",
)
STALE = ("check", "check --json", "apply latest --form demos --diff", "targets --json")
DAEMON = (
    "daemon status",
    "daemon status --json",
    "daemon stop",
    "daemon start",
    "daemon start --json",
    "daemon status --json",
    "daemon stop --json",
    "daemon stop --json",
    "daemon status --json",
)


def record_help(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    calls = ["--help", "--version", *(f"{verb} --help" for verb in VERBS)]
    yield "verbs.txt", transcript(machine, names, machine.place, calls)
    for verb, actions in ACTIONS.items():
        calls = [f"{verb} --help", *(f"{verb} {action} --help" for action in actions)]
        yield f"{verb}.txt", transcript(machine, names, machine.place, calls)


def record_reading(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    for root in (machine.workspace("shapes"), machine.workspace("mistakes"), bike_desk(machine)):
        for verb in ("index", "check", "targets"):
            yield f"{root.name}-{verb}.txt", transcript(machine, names, root, [verb, f"{verb} --json"])
    empty = machine.place / "empty"
    empty.mkdir()
    yield "empty.txt", transcript(machine, names, empty, [*READING, "runs list"])
    calls = ["index parts --json", "check tuning.py", "targets pyproject.toml", "index parts/steps.py"]
    yield "shapes-paths.txt", transcript(machine, names, machine.place / "shapes", calls)


def bike_desk(machine: Machine) -> Path:
    """The bundled example, wherever the package keeps it."""
    (program,) = SERVER.rglob("bike_desk.py")
    return machine.workspace("bike-desk", program.parent)


def record_mistakes(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    yield "calls.txt", transcript(machine, names, machine.workspace("mistaken", DESK), MISTAKES)


def record_daemon(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    yield "calls.txt", transcript(machine, names, machine.place, DAEMON)


def record_tuning(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    root = machine.workspace("tuning", DESK)
    yield "calls.txt", transcript(machine, names, root, TUNING)
    yield from record_runs(names, root)


def record_search(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    root = machine.workspace("search", DESK)
    yield "calls.txt", transcript(machine, names, root, SEARCH)
    yield from record_runs(names, root)


def record_finetuning(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    root = machine.workspace("finetuning", DESK)
    yield "calls.txt", without_hardware(transcript(machine, names, root, FINETUNING))
    for path, text in record_runs(names, root):
        yield path, without_hardware(text)


def record_applying(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    root = machine.workspace("applying", DESK)
    yield "calls.txt", transcript(machine, names, root, APPLYING)
    source = root / "desk" / "program.py"
    yield "program.py.txt", source.read_text(encoding="utf-8")
    (artifact,) = (root / "compiled").iterdir()
    compiled = artifact.read_text(encoding="utf-8")
    yield "compiled.json", names.json(json.loads(compiled))
    source.write_text(source.read_text(encoding="utf-8").replace("reply: str", "answer: str"), encoding="utf-8")
    yield "stale.txt", transcript(machine, names, root, STALE)
