"""`[tool.tunesmith]` read from pyproject.toml: what it gives, and what is wrong with it, by line."""

import pytest

from tunesmith.server.target_discovery.configuration import Settings, read_configuration

FULL = """[project]
name = "x"

[tool.tunesmith]
lm = "openai/gpt-4o-mini"
teacher_lm = "openai/gpt-4o"
prompt_lm = "local/smollm2-135m"
model = "google/flan-t5-small"
optimizer = "bootstrap-fewshot"
interpreter = ".venv/bin/python"
threads = 8

[tool.tunesmith.targets.intent]
program = "app:program"
metric = "app:metric"
trainset = "data/train.jsonl"
valset = "data/val.csv"
inputs = ["message"]
lm = "openai/x"
optimizer = "bootstrap-finetune"
model = "local/smollm2-135m"

[tool.tunesmith.targets."two words"]
program = "src/app.py:Program"
"""


def test_everything() -> None:
    found = read_configuration(FULL)
    assert found.problems == []
    assert found.settings == Settings(
        lm="openai/gpt-4o-mini",
        teacher_lm="openai/gpt-4o",
        prompt_lm="local/smollm2-135m",
        model="google/flan-t5-small",
        optimizer="bootstrap-fewshot",
        interpreter=".venv/bin/python",
        threads=8,
    )
    first, second = found.targets
    assert (first.name, first.program, first.metric, first.file, first.line) == (
        "intent", "app:program", "app:metric", "pyproject.toml", 13,
    )  # fmt: skip
    assert (first.trainset, first.valset, first.inputs, first.lm) == (
        "data/train.jsonl", "data/val.csv", ["message"], "openai/x",
    )  # fmt: skip
    assert (second.name, second.program, second.metric, second.line) == ("two words", "src/app.py:Program", None, 23)
    assert (first.optimizer, second.optimizer) == ("bootstrap-finetune", None)
    assert (first.model, second.model) == ("local/smollm2-135m", None)


NOTHING = {"no file": None, "empty": "", "other tools": "[tool.ruff]\nline-length = 3\n"}


@pytest.mark.parametrize("case", NOTHING)
def test_nothing_configured(case: str) -> None:
    found = read_configuration(NOTHING[case])
    assert (found.settings, found.targets, found.problems) == (Settings(), [], [])


# text → (line, part of the message, targets that still count)
PROBLEMS: dict[str, tuple[str, int, str, int]] = {
    "not TOML": ("[tool.tunesmith]\nlm = \n", 2, "not valid TOML", 0),
    "unfinished": ("[tool.tunesmith]\nlm = \"x", 2, "not valid TOML", 0),
    "unknown key": ("[tool.tunesmith]\n\ntheads = 3\n", 3, "Did you mean `threads`?", 0),
    "very unknown key": ("[tool.tunesmith]\nzzz = 3\n", 2, "Known are lm, teacher_lm", 0),
    "unknown key of a target": (
        '[tool.tunesmith.targets.a]\nprogram = "a:b"\nmetrics = "a:m"\n', 3, "Did you mean `metric`?", 1,
    ),
    "a number for a name": ("[tool.tunesmith]\nlm = 3\n", 2, "`lm` in [tool.tunesmith] must be a string, not 3", 0),
    "threads below one": ("[tool.tunesmith]\nthreads = 0\n", 2, "at least 1", 0),
    "threads true": ("[tool.tunesmith]\nthreads = true\n", 2, "at least 1", 0),
    "an optimizer nobody has": (
        '[tool.tunesmith]\noptimizer = "miprov2"\n', 2,
        'must be "bootstrap-fewshot", "mipro-v2" or "bootstrap-finetune", not \'miprov2\'', 0,
    ),
    "an optimizer that does not tune": (
        '[tool.tunesmith.targets.a]\nprogram = "a:b"\noptimizer = "evaluate"\n', 3, 'must be "bootstrap-fewshot", ', 1,
    ),
    "no program": ('[tool.tunesmith.targets.a]\nmetric = "a:m"\n', 1, "has no `program`", 0),
    "program is a list": ('[tool.tunesmith.targets.a]\nprogram = ["x"]\n', 2, "must be a string", 0),
    "inputs is a string": ('[tool.tunesmith.targets.a]\nprogram = "a:b"\ninputs = "q"\n', 3, "list of field names", 1),
    "a target that is a string": ('[tool.tunesmith.targets]\na = "x"\n', 2, "must be a table", 0),
    "targets is a list": ("[tool.tunesmith]\ntargets = []\n", 2, "must be a table", 0),
    "tunesmith is a string": ('[tool]\ntunesmith = "x"\n', 2, "must be a table", 0),
    "inline table": ('[tool]\ntunesmith = {lm = 3}\n', 2, "must be a string", 0),
    "second of two": ("[tool.tunesmith.targets.a]\nprogram = \"a:b\"\n[tool.tunesmith.targets.b]\nlm = \"x\"\n", 3,
                      "Target `b` has no `program`", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", PROBLEMS)
def test_problems_have_lines(case: str) -> None:
    text, line, message, targets = PROBLEMS[case]
    found = read_configuration(text)
    (problem,) = found.problems
    assert message in problem.message
    assert (problem.file, problem.line) == ("pyproject.toml", line)
    assert problem.span.line == line - 1
    assert text[problem.span.start : problem.span.end] == text.splitlines()[line - 1].strip()
    assert len(found.targets) == targets
