"""What an editor asks on each keystroke, over a session: where a run's demos and instruction could be written."""

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.bench_index import DSPY_CODE, PLAIN_CODE
from support.clients.session_client import EVERYWHERE, change_document, connect, initialize, open_document
from support.runs.finished_run import RUN_ID, write_finished_run
from support.runs.run_samples import artifact_report
from tunesmith.server.client.daemon_client import DaemonClient
from tunesmith.server.daemon.daemon import Daemon
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

LINES = 1_000
OTHER_FILES = 50
DEMOS = 8
TARGET = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
PROGRAM = '''import dspy


class Triage(dspy.Signature):
    """Sort a message."""

    text: str = dspy.InputField()
    topic: str = dspy.OutputField()


class Answer(dspy.Signature):
    """Answer a message."""

    text: str = dspy.InputField()
    topic: str = dspy.InputField()
    answer: str = dspy.OutputField()


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Triage)
        self.answer = dspy.ChainOfThought(Answer)

    def forward(self, text):
        return self.answer(text=text, topic=self.sort(text=text).topic)


bot = Bot()


'''
BEFORE = {"sort": "Sort a message.", "answer.predict": "Answer a message."}
LONG = " ".join(["The card was charged twice, and nobody at the branch could say why."] * 8)
INSTRUCTION = f"Sort the message into one topic.\n\n{LONG}"

PLACES = {
    "in a docstring": ('"""Sort a message."""', '"""', '"""', INSTRUCTION),
    "below a predictor": ("dspy.Predict(Triage)\n", "dspy.Predict(Triage)\n", "\n", " " * 600),
    "below the program": ("bot = Bot()\n", "bot = Bot()\n", "\n", " " * 600),
}
"""What stands there, what of it stays left and right of the cursor, and what is typed between."""
GHOST = "textDocument/inlineCompletion"
ACTIONS = "textDocument/codeAction"
METHODS = {
    GHOST: "ghost text",
    "textDocument/inlayHint": "inlay hints",
    "textDocument/codeLens": "code lenses",
    ACTIONS: "code actions",
    "textDocument/diagnostic": "diagnostics",
}
CAPABILITIES = {
    "textDocument": {
        "inlineCompletion": {},
        "inlayHint": {},
        "diagnostic": {},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
    },
    "workspace": {"applyEdit": True},
}


def answer_milliseconds(rounds: int) -> dict[str, float]:
    """The 95th percentile from a keystroke to an answer, by what is asked for; `rounds` of each at each place."""
    root, state = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    os.environ["TUNESMITH_CACHE"] = str(state / "cache")
    try:
        return asyncio.run(_ask(root, state, rounds))
    finally:
        shutil.rmtree(root)
        shutil.rmtree(state)


async def _ask(root: Path, state: Path, rounds: int) -> dict[str, float]:
    file = root / "app.py"
    text = PROGRAM + "".join(PLAIN_CODE.format(n=n) for n in range((LINES - PROGRAM.count("\n")) // 11))
    file.write_text(text, encoding="utf-8")
    (root / "pyproject.toml").write_text(TARGET, encoding="utf-8")
    for n in range(OTHER_FILES):
        (root / f"other_{n}.py").write_text(DSPY_CODE.format(n=n) + PLAIN_CODE.format(n=n) * 40, encoding="utf-8")
    _leave_run(root)
    taken: dict[str, list[float]] = {name: [] for name in METHODS.values()}
    async with Daemon(state_dir=state, queue_dir=state / "queue", socket=None, log=state / "log") as daemon:
        async with connect(daemon) as client:
            await initialize(client, root, CAPABILITIES)
            document = open_document(client, file, text)
            await client.send("textDocument/codeLens", {"textDocument": document})  # once the workspace is indexed
            for before, left, right, typed in PLACES.values():
                for n in range(rounds * len(METHODS)):
                    changed = text.replace(before, left + typed[:n] + right, 1)
                    cursor = _position(changed, text.index(before) + len(left) + n)
                    method = list(METHODS)[n % len(METHODS)]
                    taken[METHODS[method]].append(await _keystroke(client, file, changed, cursor, method))
        daemon.stop()
    return {name: statistics.quantiles(seconds, n=20)[-1] * 1e3 for name, seconds in taken.items()}


async def _keystroke(client: DaemonClient, file: Path, text: str, cursor: dict[str, int], method: str) -> float:
    """Seconds from a changed text to one answer: each is asked for after a change of its own, so that none profits
    from another's work."""
    position = {"start": cursor, "end": cursor}
    params: dict[str, Any] = {"textDocument": {"uri": file.as_uri()}, "position": cursor, "range": EVERYWHERE}
    if method == GHOST:
        params |= {"range": position, "context": {"triggerKind": 2}}
    elif method == ACTIONS:
        params["context"] = {"diagnostics": []}
    began = time.perf_counter()
    change_document(client, file, text, version=2)
    answer = await client.send(method, params)
    seconds = time.perf_counter() - began
    assert answer or method != GHOST, f"nothing is offered at {cursor}"
    return seconds


def _position(text: str, offset: int) -> dict[str, int]:
    line = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, offset), "character": offset - line}


def _leave_run(root: Path) -> None:
    """A finished run with demos and an instruction for each predictor."""
    workspace = Workspace(root)
    workspace.refresh()
    found = workspace.snapshot().find_target("bot")
    assert found.program is not None
    run_dir = root / ".tunesmith" / "runs" / RUN_ID
    demos = {
        name: [{"text": f"{LONG} {n}", "topic": "card", "reasoning": LONG, "answer": LONG} for n in range(DEMOS)]
        for name in BEFORE
    }
    artifact = artifact_report(
        RUN_ID,
        "bot",
        fingerprint=fingerprint_of(found.program),
        demos=demos,
        instructions={name: (before, INSTRUCTION) for name, before in BEFORE.items()},
        artifact=str(run_dir / "program.json"),
    )
    state = {
        name: {
            "traces": [],
            "train": [],
            "demos": [{"augmented": True, **demo} for demo in some],
            "signature": {"instructions": INSTRUCTION, "fields": []},
            "lm": None,
        }
        for name, some in demos.items()
    }
    write_finished_run(root, artifact, {**state, "metadata": {"dependency_versions": {}}})
