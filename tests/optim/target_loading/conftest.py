"""A workspace written from texts, and an interpreter that forgets what it imported from there."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from support.workspaces.user_imports import forgetting_imports
from tunesmith.optim.target_loading import Resolved, resolve_target
from tunesmith.protocol import CompileTarget, ConfiguredTarget

PRELUDE = dedent("""
    import dspy

    class Classify(dspy.Module):
        def __init__(self):
            super().__init__()
            self.predict = dspy.Predict("text -> label")

        def forward(self, text):
            return self.predict(text=text)

    def metric(example, prediction, trace=None):
        return example.label == prediction.label

    def examples(n):
        return [dspy.Example(text=f"text {i}", label="yes").with_inputs("text") for i in range(n)]
""")
"""`Classify`, `metric` and `examples(n)`, in the workspace's files as `base.py`."""


class Workspace:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.warnings: list[str] = []

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")

    def configured(
        self,
        *,
        program: str = "base:Classify",
        metric: str | None = "base:metric",
        trainset: str | None = None,
        **fields: Any,
    ) -> Resolved:
        target = ConfiguredTarget(
            name="classify", program=program, metric=metric, trainset=trainset, file="pyproject.toml", line=7,
            **fields,
        )  # fmt: skip
        return resolve_target(target, self.root, confirmed_capture=False, warn=self.warnings.append)

    def compile_at(
        self, marked: str, file: str = "train.py", *, importable: bool = False, confirmed: bool = True,
        arguments: tuple[str, ...] = (), **expressions: str,
    ) -> Resolved:  # fmt: skip
        """The target is the call on the line of `file` that holds the text `marked`."""
        lines = (self.root / file).read_text().splitlines()
        line = next(number for number, text in enumerate(lines, start=1) if marked in text)
        named = {"program": None, "metric": None, "trainset": None, "valset": None, **expressions}
        target = CompileTarget(
            name="train", file=file, line=line, importable=importable, arguments=list(arguments), **named
        )
        return resolve_target(target, self.root, confirmed_capture=confirmed, warn=self.warnings.append)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.chdir(tmp_path)
    made = Workspace(tmp_path)
    made.write({"base.py": PRELUDE})
    with forgetting_imports(tmp_path):
        yield made
