"""The index against reading every file, and against parsing every file, on a generated workspace."""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measurement import Measurement
from support.workspaces.workspace_texts import snapshot_of
from tunesmith.server.artifacts.reader import ArtifactReader
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.index import Index
from tunesmith.server.index.parsing import parse
from tunesmith.server.lsp.line_table import LineTable
from tunesmith.server.runs.snapshot import RunsSnapshot
from tunesmith.server.workspace.workspace import Workspace

FILES, WITH_DSPY, BYTES = 8_000, 175, 16_400
LONG_AGO = 1_600_000_000
KEYSTROKES = 200

DSPY_CODE = '''import dspy
from pathlib import Path


class Classify{n}(dspy.Signature):
    """Sort a message into one of the intents."""

    message: str = dspy.InputField(desc="what the customer wrote")
    intent: str = dspy.OutputField(desc="one intent")


class Assistant{n}(dspy.Module):
    def __init__(self, k=3):
        super().__init__()
        self.classify = dspy.ChainOfThought(Classify{n})
        self.answer = dspy.Predict("message, intent -> answer")
        self.steps = [dspy.Predict("question -> answer"), dspy.ChainOfThought("answer -> verdict")]

    def forward(self, message):
        return self.answer(message=message, intent=self.classify(message=message).intent)


def exact{n}(example, pred, trace=None):
    return example.intent == pred.intent


def train{n}():
    data = [dspy.Example(message="hello", intent="greeting").with_inputs("message")]
    program = Assistant{n}()
    optimizer = dspy.BootstrapFewShot(metric=exact{n})
    compiled = optimizer.compile(program, trainset=data)
    compiled.save(Path(__file__).parent / "compiled.json")


'''
PLAIN_CODE = '''def function_{n}(first, second=None, *rest, key=3):
    """What ordinary code looks like: branches, loops, calls and strings."""
    total = 0
    for index, item in enumerate(rest):
        if index % 2 and item is not None:
            total += len(str(item)) * key
        elif second:
            total -= sum(value for value in second if value)
    return {{"first": first, "total": total, "name": f"{{first}}-{{total}}"}}


'''


def measure(*, quick: bool) -> list[Measurement]:
    files = FILES // 10 if quick else FILES
    with_dspy = max(WITH_DSPY * files // FILES, 1)
    root, cache = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    os.environ["TUNESMITH_CACHE"] = str(cache)
    try:
        texts = generate(root, files, with_dspy)
        size = sum(len(text) for text in texts) / 1e6
        reading = best(lambda: read_everything(root), 2)
        parsing = parse_seconds(texts) / with_dspy * files
        cold = best(lambda: cold_start(root, cache), 2)
        warm = best(lambda: start(root), 3)
        scale = f"{files} files, {with_dspy} with DSPy, {size * files / len(texts):.0f} MB"
        typed, parsed = keystrokes(root)
        return [
            Measurement(f"cold index, {scale}", cold, reading, "s", "os.walk and read", "< 1.5 s of 8,000 files"),
            Measurement("cold index", cold, parsing, "s", "tree-sitter on every file", "< 1.5 s of 8,000 files"),
            Measurement("warm start", warm, reading, "s", "os.walk and read", "< 0.2 s of 8,000 files"),
            Measurement(
                f"keystroke to diagnostics, 1,000 lines, {with_dspy} files, p95",
                typed,
                parsed,
                "ms",
                "tree-sitter alone",
                "< 10 ms",
            ),
        ]
    finally:
        shutil.rmtree(root)
        shutil.rmtree(cache)


def generate(root: Path, files: int, with_dspy: int) -> list[str]:
    """Write the workspace; the texts of its files with DSPy come back."""
    step = files // with_dspy
    texts: list[str] = []
    for number in range(files):
        has_dspy = number % step == 0 and len(texts) < with_dspy
        text = DSPY_CODE.format(n=number) if has_dspy else "import json\nfrom pathlib import Path\n\n\n"
        repeated = (BYTES - len(text)) // len(PLAIN_CODE) + 1
        text += "".join(PLAIN_CODE.format(n=n) for n in range(repeated))
        folder = root / f"package_{number % 100}" / f"part_{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"module_{number}.py"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (LONG_AGO, LONG_AGO))
        if has_dspy:
            texts.append(text)
    return texts


def start(root: Path) -> None:
    Index(root).refresh()


def cold_start(root: Path, cache: Path) -> None:
    shutil.rmtree(cache, ignore_errors=True)
    start(root)


def read_everything(root: Path) -> None:
    for folder, _, names in os.walk(root):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:  # noqa: PTH118, PTH123 the peer is the fast way
                file.read()


def parse_seconds(texts: list[str]) -> float:
    began = time.perf_counter()
    for text in texts:
        parse(text)
    return time.perf_counter() - began


def keystrokes(root: Path) -> tuple[float, float]:
    """Milliseconds at the 95th percentile from a changed text to the file's diagnostics, and of parsing it whole."""
    workspace, artifacts, runs = Workspace(root), ArtifactReader(), RunsSnapshot(targets={})
    workspace.refresh()
    path = workspace.index.view.paths()[0]
    text = DSPY_CODE.format(n=1) + "".join(PLAIN_CODE.format(n=n) for n in range(88))
    assert 950 <= text.count("\n") <= 1050
    typed, parsed = [], []
    for count in range(KEYSTROKES):
        changed = text.replace("one intent", "one intent" + "x" * count)
        began = time.perf_counter()
        LineTable(changed)
        workspace.index.update(path, changed)
        diagnose(snapshot_of(workspace, runs, artifacts.read(workspace.snapshot())), path)
        typed.append(time.perf_counter() - began)
        began = time.perf_counter()
        parse(changed)
        parsed.append(time.perf_counter() - began)
    return percentile(typed[1:]) * 1000, percentile(parsed) * 1000  # the first opens the document


def percentile(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def best(work: Callable[[], None], times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)
