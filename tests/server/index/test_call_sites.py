"""Compile sites, loads, constructions, metrics and data sets: short texts in, facts out."""

from textwrap import dedent
from typing import Any

import pytest

IMPORTS = "import dspy\nfrom dspy import BootstrapFewShot as BFS\nfrom pathlib import Path\nimport os\n"

COMPILES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "through an assignment": (
        "tp = BFS(metric=m)\nout = tp.compile(program, trainset=train, valset=val)",
        [{"optimizer": "BootstrapFewShot", "program": "program", "metric": "m", "trainset": "train", "valset": "val",
          "scope": "module", "bound": "out"}],
    ),
    "in place": (
        "dspy.MIPROv2(m, auto='light').compile(student=Program(), trainset=train)",
        [{"optimizer": "MIPROv2", "program": "Program()", "metric": "m", "trainset": "train", "valset": None}],
    ),
    "tunesmith's drop-in": (
        "from tunesmith.optim import BootstrapFewShot\nBootstrapFewShot(metric=m).compile(p, trainset=t)",
        [{"optimizer": "BootstrapFewShot", "metric": "m"}],
    ),
    "first argument that is no metric": (
        "dspy.LabeledFewShot(8).compile(p, trainset=t)",
        [{"optimizer": "LabeledFewShot", "metric": None}],
    ),
    "in main, in a function, in a method": (
        """
        tp = BFS(metric=m)
        if __name__ == "__main__":
            tp.compile(p, trainset=t)
        def main():
            inner = BFS(metric=n)
            inner.compile(p, trainset=t)
        class Job:
            def run(self):
                tp.compile(p, trainset=t)
        """,
        [
            {"scope": "__main__", "metric": "m", "local": False},
            {"scope": "main", "metric": "n", "optimizer": "BootstrapFewShot"},
            {"scope": "Job.run", "metric": "m"},
        ],
    ),
    "two assignments: the one before the site": (
        "tp = BFS(metric=a)\ntp.compile(p, trainset=t)\ntp = dspy.GEPA(metric=b)\ntp.compile(p, trainset=t)",
        [{"optimizer": "BootstrapFewShot", "metric": "a"}, {"optimizer": "GEPA", "metric": "b"}],
    ),
    "an optimizer from elsewhere": (
        "def tune(optimizer):\n    optimizer.compile(p, trainset=t)",
        [{"optimizer": None, "trainset": "t", "scope": "tune"}],
    ),
    "arguments of the function": (
        "def tune(p):\n    BFS(metric=m).compile(p, trainset=t)",
        [{"local": True}],
    ),
    "other things that compile": ("import re, torch\nre.compile('x')\ntorch.compile(p)\nmodel.compile('adam')", []),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPILES)
def test_compile_sites(case: str, make_index) -> None:
    text, expected = COMPILES[case]
    facts = make_index({"app.py": IMPORTS + dedent(text)}).view.facts("app.py").compiles
    assert len(facts) == len(expected)
    for fact, wanted in zip(facts, expected, strict=True):
        assert {name: getattr(fact, name) for name in wanted} == wanted


PROGRAM = IMPORTS + "program = dspy.Predict('q -> a')\nHERE = Path(__file__).parent\nNAME = 'named.json'\n"
PATHS = {
    '"x.json"': ("x.json", False),
    'path="x.json"': ("x.json", False),
    "NAME": ("named.json", False),
    'Path("a") / "x.json"': ("a/x.json", False),
    'Path(__file__).parent / "compiled" / "x.json"': ("compiled/x.json", True),
    'Path(__file__).resolve().parent.parent / "x.json"': ("../x.json", True),
    'Path(__file__).parent.parent.parent / "x.json"': ("../../x.json", True),
    'str(Path(__file__).parent.joinpath("a", "x.json"))': ("a/x.json", True),
    'HERE / "x.json"': ("x.json", True),
    'os.path.join(os.path.dirname(__file__), "a", "x.json")': ("a/x.json", True),
    'os.path.join(os.path.dirname(os.path.abspath(__file__)), "x.json")': ("x.json", True),
    '"/abs/x.json"': ("/abs/x.json", False),
    "compute()": (None, False),
    'f"{x}.json"': (None, False),
    'folder / "x.json"': (None, False),
}


@pytest.mark.parametrize("argument", PATHS)
def test_load_paths(argument: str, make_index) -> None:
    (load,) = make_index({"pkg/app.py": f"{PROGRAM}program.load({argument})\n"}).view.facts("pkg/app.py").loads
    assert (load.path, load.from_file) == PATHS[argument]


STUDENT_IMPORTS = "from tunesmith.optim import load_student\nimport tunesmith.optim as o\n"
STUDENTS = {
    "at once": ("program.set_lm(load_student(HERE / 'x'))", [("HERE / 'x'", "x", True)]),
    "of a predictor": ("program.sort.lm = load_student('x', task='sort')", [("'x'", "x", False)]),
    "through its module": ("lm = o.load_student(path='x')", [("'x'", "x", False)]),
    "two": ("load_student('x'); load_student('y')", [("'x'", "x", False), ("'y'", "y", False)]),
    "computed": ("load_student(where())", [("where()", None, False)]),
    "nothing given": ("load_student()", []),
    "no call": ("f = load_student\ng(load_student)", []),
    "other functions": ("json.load_student('x')\nmy_load_student('x')\nload_students('x')", []),
    "in a string or comment": ("x = \"load_student('x')\"  # load_student('y')", []),
}


@pytest.mark.parametrize("case", STUDENTS)
def test_students(case: str, make_index) -> None:
    text, expected = STUDENTS[case]
    text = f"{PROGRAM}{STUDENT_IMPORTS}{text}\n"
    facts = make_index({"app.py": text}).view.facts("app.py").students
    assert [(text[one.span.start : one.span.end], one.path, one.from_file) for one in facts] == expected


LOADS = {
    "a name": ("program.load('x.json')", ["program"]),
    "in place": ("dspy.Predict('q -> a').load('x.json')", ["dspy.Predict('q -> a')"]),
    "a compiled program": ("c = BFS().compile(program, trainset=t)\nc.load('x.json')", ["c"]),
    "a class's attribute": (
        "class Service:\n    def __init__(self):\n        self.p = dspy.Predict('q -> a')\n        self.p.load('x')",
        [],
    ),
    "libraries": ("import json, numpy as np\njson.load(f)\nnp.load(f)\ndspy.load('x')\nconfig.load('x.json')", []),
}


@pytest.mark.parametrize("case", LOADS)
def test_loads_belong_to_programs(case: str, make_index) -> None:
    text, expected = LOADS[case]
    index = make_index({"app.py": f"{PROGRAM}{text}\n"})
    assert [load.program for load in index.view.facts("app.py").loads] == expected


def test_constructions_are_those_of_programs(make_index) -> None:
    text = IMPORTS + dedent("""
        class Program(dspy.Module):
            def __init__(self):
                self.p = dspy.Predict("q -> a")
        class Other: pass
        one = Program()
        two = Other()
        three = dict()
        four = dspy.LM("x")
        def make():
            five = dspy.ChainOfThought("q -> a")
    """)
    facts = make_index({"app.py": text}).view.facts("app.py").constructions
    assert [(fact.name, fact.callee, fact.scope, fact.indent) for fact in facts] == [
        ("one", "Program", "module", ""),
        ("five", "dspy.ChainOfThought", "make", "    "),
    ]
    assert text[facts[1].span.start : facts[1].span.end] == 'five = dspy.ChainOfThought("q -> a")'


METRICS = {
    "gold, pred, trace": ("def metric(gold, pred, trace=None): ...", True),
    "example, prediction": ("def metric(example, prediction): ...", True),
    "annotated, GEPA's five": ("def metric(ex: E, pred: P, trace, pred_name, pred_trace) -> float: ...", True),
    "async": ("async def metric(example, pred, trace=None): ...", True),
    "passed to Evaluate": ("def metric(a, b): ...\ndspy.Evaluate(devset=d, metric=metric)", True),
    "an optimizer's first argument": ("def metric(a, b): ...\nBFS(metric).compile(p, trainset=t)", True),
    "one parameter": ("def metric(example): ...", False),
    "another third one": ("def metric(example, pred, threshold): ...", False),
    "other names": ("def metric(a, b): ...", False),
    "a method": ("class C:\n    def metric(gold, pred): ...", False),
}


@pytest.mark.parametrize("case", METRICS)
def test_metrics(case: str, make_index) -> None:
    text, expected = METRICS[case]
    facts = make_index({"app.py": IMPORTS + text}).view.facts("app.py").metrics
    assert [fact.name for fact in facts] == (["metric"] if expected else [])


EX = "dspy.Example(q=1, a=2).with_inputs('q')"
DATASETS: dict[str, tuple[str, list[tuple[str, str, list[str]]]]] = {
    "list": (f"data = [{EX}, {EX}]", [("data", "examples", ["q"])]),
    "without inputs": ("data = [dspy.Example(q=1)]", [("data", "examples", [])]),
    "comprehension": ("data = [dspy.Example(**r).with_inputs('q', 'c') for r in rows]",
                      [("data", "examples", ["q", "c"])]),
    "slices": (f"data = [{EX}]\ntrain, dev = data[:1], data[1:]\nboth = train + dev",
               [("data", "examples", ["q"]), ("train", "examples", ["q"]), ("dev", "examples", ["q"]),
                ("both", "examples", ["q"])]),
    "loader": ((f"def load():\n    found = []\n    for r in rows:\n        found.append({EX})\n    return found\n"
               "train = load()"), [("load", "loader", ["q"]), ("train", "examples", ["q"])]),
    "annotated loader": ("def load() -> list[dspy.Example]:\n    return read()", [("load", "loader", [])]),
    "dspy's own": (("from dspy.datasets import HotPotQA\ndata = HotPotQA(train_size=10)\n"
                   "train = [x.with_inputs('question') for x in data.train]"),
                   [("data", "examples", []), ("train", "examples", ["question"])]),
    "behind the main guard": (f"if __name__ == '__main__':\n    data = [{EX}]", [("data", "examples", ["q"])]),
    "other lists": ("data = [1, 2]\nmore = [x for x in y]\nnone = []", []),
}  # fmt: skip


@pytest.mark.parametrize("case", DATASETS)
def test_datasets(case: str, make_index) -> None:
    text, expected = DATASETS[case]
    facts = make_index({"app.py": IMPORTS + text}).view.facts("app.py").datasets
    assert [(fact.name, fact.kind, fact.inputs) for fact in facts] == expected
