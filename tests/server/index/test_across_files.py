"""Imports are followed inside the workspace: bases, sub-modules, signatures, metrics, programs."""

from textwrap import dedent
from typing import Any

import pytest

from tunesmith.server.index.report import index_report

MODULE = """
import dspy
class Sig(dspy.Signature):
    "Doc."
    a: str = dspy.InputField()
    b: str = dspy.OutputField()
class Inner(dspy.Module):
    def __init__(self):
        super().__init__()
        self.ask = dspy.ChainOfThought(Sig)
inner = Inner()
"""

OUTER = """
class Outer(Inner):
    def __init__(self):
        super().__init__()
        self.inner = Inner()
        self.own = Own(Sig)
"""

# How the other file is reached: files, and how `Inner` and `Sig` get into app.py.
LAYOUTS: dict[str, tuple[dict[str, str], str]] = {
    "beside": ({"parts.py": MODULE}, "from parts import Inner, Sig"),
    "src": ({"src/lib/parts.py": MODULE}, "from lib.parts import Inner, Sig"),
    "package re-export": (
        {"lib/parts.py": MODULE, "lib/__init__.py": "from .parts import Inner, Sig"},
        "from lib import Inner, Sig",
    ),
    "two packages deep": (
        {"lib/core/parts.py": MODULE, "lib/core/__init__.py": "from .parts import *",
         "lib/__init__.py": "from lib.core import Inner, Sig"},
        "from lib import Inner, Sig",
    ),
    "star": ({"parts.py": MODULE}, "from parts import *"),
    "cycle": ({"parts.py": "import app\n" + MODULE}, "from parts import Inner, Sig"),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_programs_across_files(layout: str, make_index) -> None:
    files, imports = LAYOUTS[layout]
    app = f"{imports}\nfrom dspy import Predict as Own\n{OUTER}\nprogram = Outer()\n"
    index = make_index({**files, "app.py": app})
    for expression in ("Outer", "program", "Outer()"):
        program = index.view.resolve_program("app.py", expression)
        assert [p.name for p in program.predictors] == ["ask.predict", "inner.ask.predict", "own"]
        assert {p.signature.fact.name for p in program.predictors} == {"Sig"}
        assert {p.signature.fact.instructions for p in program.predictors} == {"Doc."}
        assert program.dynamic == []
        assert program.sources == sorted([next(path for path in files if path.endswith("parts.py")), "app.py"])


QUALIFIED = {
    "module": "import parts\nprogram = parts.Inner()\n",
    "module, renamed": "import parts as p\nprogram = p.Inner()\n",
    "its own object": "from parts import inner as program\n",
    "relative": "from .parts import Inner\nprogram = Inner()\n",
    "relative module": "from . import parts\nprogram = parts.Inner()\n",
}


@pytest.mark.parametrize("case", QUALIFIED)
def test_files_without_dspy_are_indexed_when_they_import_one(case: str, make_index) -> None:
    index = make_index(
        {"parts.py": MODULE, "run.py": QUALIFIED[case] + "program.load('x.json')\n", "other.py": "x = 1"}
    )
    assert index.view.paths() == ["parts.py", "run.py"]
    assert [p.name for p in index.view.resolve_program("run.py", "program").predictors] == ["ask.predict"]
    assert [load.program for load in index.view.facts("run.py").loads] == ["program"]


def test_classes_are_decided_by_what_their_bases_lead_to(make_index) -> None:
    index = make_index(
        {
            "base.py": "import dspy\nclass M(dspy.Module): pass\nclass S(dspy.Signature):\n    a = dspy.InputField()\n",
            "app.py": "from base import M, S\nfrom pydantic import BaseModel\n"
            "class A(M): pass\nclass B(S):\n    pass\nclass C(BaseModel): pass\nclass D: pass\n",
        }
    )
    facts = index.view.facts("app.py")
    assert [fact.name for fact in facts.modules] == ["A"]
    assert [fact.name for fact in facts.signatures] == ["B"]
    (signature,) = (found for found in index_report(index.view, "app.py").signatures)
    assert [field.name for field in signature.inputs] == ["a"]


def test_a_metric_in_a_file_without_dspy(make_index) -> None:
    index = make_index({"judge.py": "def exact(a, b): ...", "app.py": "import dspy, judge\nfrom judge import exact\n"
                        "def inner(a, b): ...\ndspy.Evaluate(metric=exact)\ndspy.GEPA(metric=inner)"})  # fmt: skip
    assert [m.name for m in index.view.facts("app.py").metrics] == ["inner"]


UNKNOWN: dict[str, tuple[str, dict[str, Any] | None]] = {
    "a base from another library": ("from lib import Base\nclass P(Base, dspy.Module): pass", {"dynamic": ["*"]}),
    "a called object of another library": (
        (
            "from lib import Thing\nclass P(dspy.Module):\n    def __init__(self):\n        self.t = Thing()\n"
            "    def forward(self):\n        return self.t(1)"
        ),
        {"dynamic": ["t*"]},
    ),
    "an uncalled object of another library": (
        (
            "from lib import Client\nclass P(dspy.Module):\n    def __init__(self):\n        self.c = Client()\n"
            "    def forward(self):\n        return self.c.get(1)"
        ),
        {"dynamic": []},
    ),
    "a class inside itself": (
        "class P(dspy.Module):\n    def __init__(self):\n        self.p = P()",
        {},
    ),
    "a base that is itself": ("class P(P): pass\nclass Q(R): pass\nclass R(Q): pass", None),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_cannot_be_followed(case: str, make_index) -> None:
    text, expected = UNKNOWN[case]
    program = make_index({"app.py": "import dspy\n" + dedent(text)}).view.resolve_program("app.py", "P")
    if expected is None:
        assert program is None
    else:
        assert program is not None
        assert program.predictors == []
        assert program.dynamic == expected.get("dynamic", program.dynamic)


SCOPED = """
import dspy
program = dspy.Predict("a -> b")
def other():
    program = dspy.ChainOfThought("a -> b")
    dspy.GEPA().compile(program, trainset=t)
def third():
    dspy.GEPA().compile(program, trainset=t)
"""


def test_the_nearest_binding_in_its_own_scope(make_index) -> None:
    index = make_index({"app.py": SCOPED})
    names = [
        [p.name for p in index.view.resolve_program("app.py", site.program, line=site.span.line).predictors]
        for site in index.view.facts("app.py").compiles
    ]
    assert names == [["predict"], ["self"]]


def test_a_name_bound_to_different_programs_is_not_guessed(make_index) -> None:
    text = "import dspy\nif x:\n    p = dspy.Predict('a -> b')\nelse:\n    p = dspy.ChainOfThought('a -> b')\n"
    assert make_index({"app.py": text}).view.resolve_program("app.py", "p") is None
