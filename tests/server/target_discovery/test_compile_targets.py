"""Targets found in code and configuration: names, anchors, programs, and whether importing is enough."""

from textwrap import dedent

import pytest

from tunesmith.server.index import Index
from tunesmith.server.target_discovery import choose_tuner, discover_targets, read_configuration

BASE = """
import dspy
from data import trainset, valset
program = dspy.ChainOfThought("q -> a")
other = dspy.Predict("q -> a")
def metric(gold, pred): ...
tp = dspy.BootstrapFewShot(metric=metric)
"""


def discover(make_index, files: dict[str, str], pyproject: str | None = None):
    index: Index = make_index(files)
    return discover_targets(index.view, read_configuration(pyproject))


NAMES: dict[str, tuple[dict[str, str], list[str]]] = {
    "unique expressions": (
        {"a.py": BASE + "tp.compile(program, trainset=trainset)\ntp.compile(other, trainset=trainset)\n"},
        ["program", "other"],
    ),
    "the same expression in two files": (
        dict.fromkeys(("a.py", "b.py"), BASE + "tp.compile(program, trainset=trainset)\n"),
        ["a:program", "b:program"],
    ),
    "twice in one file": (
        {"a.py": BASE + "tp.compile(program, trainset=trainset)\ntp.compile(program, trainset=valset)\n"},
        ["a:program:8", "a:program:9"],
    ),
    "files of one stem": (
        dict.fromkeys(("x/a.py", "y/a.py"), BASE + "tp.compile(program, trainset=trainset)\n"),
        ["x/a.py:program:8:1", "y/a.py:program:8:1"],
    ),
    "no program": ({"a.py": BASE + "tp.compile(trainset=trainset)\n"}, ["program"]),
}


@pytest.mark.parametrize("case", NAMES)
def test_names(case: str, make_index) -> None:
    files, expected = NAMES[case]
    names = [found.target.name for found in discover(make_index, files)]
    assert names == expected
    assert len(set(names)) == len(names)


def test_a_configured_name_is_not_taken_twice(make_index) -> None:
    pyproject = '[tool.tunesmith.targets.program]\nprogram = "a:program"\n'
    found = discover(make_index, {"a.py": BASE + "tp.compile(program, trainset=trainset)\n"}, pyproject)
    assert [one.target.name for one in found] == ["program", "a:program"]
    assert [one.construction.name for one in found] == ["program", "program"]


OPTIMIZERS: dict[str, tuple[str, str | None]] = {
    "dspy's": ("dspy.MIPROv2(metric=metric).compile(program, trainset=trainset)", "mipro-v2"),
    "bound to a name": ("mp = dspy.MIPROv2(metric=metric)\nmp.compile(program, trainset=trainset)", "mipro-v2"),
    "dspy's, from its module": (
        "from dspy.teleprompt import MIPROv2 as M\nM(metric=metric).compile(program, trainset=trainset)", "mipro-v2",
    ),
    "ours": (
        "from tunesmith.optim import MIPROv2\nMIPROv2(metric=metric).compile(program, trainset=trainset)", "mipro-v2",
    ),
    "ours, from its module": (
        "import tunesmith.optim as o\no.MIPROv2(metric=metric).compile(program, trainset=trainset)", "mipro-v2",
    ),
    "dspy's that finetunes": (
        "dspy.BootstrapFinetune(metric=metric).compile(program, trainset=trainset)", "bootstrap-finetune",
    ),
    "ours that finetunes": (
        "from tunesmith.optim import BootstrapFinetune as F\nF(metric).compile(program, trainset=trainset)",
        "bootstrap-finetune",
    ),
    "demos": ("tp.compile(program, trainset=trainset)", "bootstrap-fewshot"),
    "another of dspy's": ("dspy.GEPA(metric=metric).compile(program, trainset=trainset)", None),
    "someone else's of that name": (
        "from lib import MIPROv2\nMIPROv2(metric=metric).compile(program, trainset=trainset)", None,
    ),
    "unknown": ("get().compile(program, trainset=trainset)", None),
}  # fmt: skip


@pytest.mark.parametrize("case", OPTIMIZERS)
def test_optimizer_of_a_site(case: str, make_index) -> None:
    text, expected = OPTIMIZERS[case]
    (found,) = discover(make_index, {"a.py": BASE + text + "\n"})
    assert found.target.optimizer == expected


CONFIGURED = '[tool.tunesmith.targets.x]\nprogram = "a:program"\n'
SETTING = '[tool.tunesmith]\noptimizer = "mipro-v2"\n'
MIPRO = BASE + OPTIMIZERS["dspy's"][0] + "\n"
DEMOS = BASE + OPTIMIZERS["demos"][0] + "\n"
OTHER = BASE + OPTIMIZERS["unknown"][0] + "\n"


@pytest.mark.parametrize(
    ("source", "pyproject", "chosen"),
    [
        (MIPRO, None, ["mipro-v2"]),
        (DEMOS, None, ["bootstrap-fewshot"]),
        (OTHER, None, ["bootstrap-fewshot"]),
        (OTHER, SETTING, ["mipro-v2"]),
        (DEMOS, SETTING, ["bootstrap-fewshot"]),
        (BASE, CONFIGURED, ["bootstrap-fewshot"]),
        (BASE, SETTING + CONFIGURED, ["mipro-v2"]),
        (BASE, CONFIGURED + 'optimizer = "mipro-v2"\n', ["mipro-v2"]),
        (BASE, SETTING + CONFIGURED + 'optimizer = "bootstrap-fewshot"\n', ["bootstrap-fewshot"]),
    ],
)
def test_what_tunes_a_target_by_default(source: str, pyproject: str | None, chosen: list[str], make_index) -> None:
    settings = read_configuration(pyproject).settings
    found = discover(make_index, {"a.py": source}, pyproject)
    assert [choose_tuner(one.target, settings) for one in found] == chosen


IMPORTABLE: dict[str, tuple[str, bool]] = {
    "at module level": ("tp.compile(program, trainset=trainset)", True),
    "with a valset": ("tp.compile(program, trainset=trainset, valset=valset)", True),
    "behind the main guard, module-level names": (
        "if __name__ == '__main__':\n    tp.compile(program, trainset=trainset)", True,
    ),
    "behind the main guard, its own names": (
        "if __name__ == '__main__':\n    mine = program\n    tp.compile(mine, trainset=trainset)", False,
    ),
    "in a function, module-level names": ("def run():\n    tp.compile(program, trainset=trainset)", True),
    "in a function, a local": ("def run():\n    rows = 1\n    tp.compile(program, trainset=rows)", False),
    "in a function, hidden by a local": (
        "def run():\n    trainset = 1\n    tp.compile(program, trainset=trainset)", False,
    ),
    "in a function, a parameter": ("def run(program):\n    tp.compile(program, trainset=trainset)", False),
    "in a function, a loop variable": (
        "def run():\n    for program in x:\n        tp.compile(program, trainset=trainset)", False,
    ),
    "in a method, self": ("class J:\n    def run(self):\n        tp.compile(self.p, trainset=trainset)", False),
    "an attribute": ("import lib\ntp.compile(lib.program, trainset=lib.train)", True),
    "a call": ("tp.compile(make(), trainset=trainset)", False),
    "a slice": ("tp.compile(program, trainset=trainset[:3])", False),
    "a lambda as metric": ("dspy.GEPA(metric=lambda g, p: 1).compile(program, trainset=trainset)", False),
    "no trainset": ("tp.compile(program)", False),
}  # fmt: skip


@pytest.mark.parametrize("case", IMPORTABLE)
def test_importable(case: str, make_index) -> None:
    text, expected = IMPORTABLE[case]
    (found,) = discover(make_index, {"a.py": BASE + text})
    assert found.target.importable is expected


def test_what_a_target_stands_for(make_index) -> None:
    text = BASE + "compiled = tp.compile(program, trainset=trainset)\n"
    (found,) = discover(make_index, {"pkg/a.py": text})
    target = found.target
    assert (target.file, target.line, target.program, target.metric, target.trainset, target.valset) == (
        "pkg/a.py", 8, "program", "metric", "trainset", None,
    )  # fmt: skip
    assert text[found.anchor.start : found.anchor.end] == "tp.compile(program, trainset=trainset)"
    assert [predictor.name for predictor in found.program.predictors] == ["predict"]
    assert found.construction.callee == "dspy.ChainOfThought"
    assert found.construction_path == "pkg/a.py"


def test_a_program_of_another_file(make_index) -> None:
    files = {
        "parts.py": "import dspy\nprogram = dspy.Predict('q -> a')\n",
        "run.py": "import dspy\nfrom parts import program\ndspy.GEPA(metric=m).compile(program, trainset=t)\n",
    }
    (found,) = discover(make_index, files)
    assert (found.path, found.construction_path) == ("run.py", "parts.py")


# program = "…" → (path of its anchor, whether a program is found)
PLACES = {
    "pkg.app:program": ("pkg/app.py", True),
    "pkg/app.py:program": ("pkg/app.py", True),
    "./pkg/app.py:Program": ("pkg/app.py", True),
    "lib:Program": ("src/lib.py", True),
    "pkg.app:missing": ("pyproject.toml", False),
    "nowhere:program": ("pyproject.toml", False),
    "nowhere.py:program": ("pyproject.toml", False),
    "program": ("pyproject.toml", False),
}


@pytest.mark.parametrize("place", PLACES)
def test_configured_programs(place: str, make_index) -> None:
    text = dedent("""
        import dspy
        class Program(dspy.Module):
            def __init__(self):
                self.ask = dspy.Predict("q -> a")
        program = Program()
    """)
    pyproject = f'[tool.tunesmith.targets.x]\nprogram = "{place}"\n'
    (found,) = discover(make_index, {"pkg/app.py": text, "src/lib.py": text}, pyproject)
    assert (found.path, found.program is not None) == PLACES[place]
    assert (found.construction is not None) == (found.program is not None and place.endswith(":program"))
    assert found.path != "pyproject.toml" or found.anchor.line == 0
