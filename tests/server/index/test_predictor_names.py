"""The index names predictors exactly as `named_predictors()` does: each text is read, then run with real dspy."""

import importlib.util
import warnings
from textwrap import dedent

import dspy
import pytest

from tunesmith.server.index import Index
from tunesmith.server.index.report import index_report

PREAMBLE = """
import dspy
from dspy import ChainOfThought as Cot, Module, Predict

def look_up(query: str) -> str:
    "Looks up."
    return query

def reward(args, pred):
    return 1.0
"""

# name → (what stands in the class file, expected dynamic names)
CASES: dict[str, tuple[str, list[str]]] = {
    "attributes in order": (
        """
        class Program(dspy.Module):
            def __init__(self):
                super().__init__()
                self.second = dspy.ChainOfThought("a -> b")
                self.first = Predict("a -> b")
        """,
        [],
    ),
    "every wrapper": (
        """
        class Program(Module):
            def __init__(self):
                super().__init__()
                self.react = dspy.ReAct("q -> a", tools=[look_up])
                self.react2 = dspy.ReActV2("q -> a", tools=[look_up])
                self.thought = dspy.ProgramOfThought("q -> a")
                self.act = dspy.CodeAct("q -> a", tools=[look_up])
                self.compare = dspy.MultiChainComparison("q -> a")
                self.best = dspy.BestOfN(module=Cot("q -> a"), N=2, reward_fn=reward, threshold=1.0)
                self.refined = dspy.Refine(Predict("q -> a"), N=2, reward_fn=reward, threshold=1.0)
                self.rlm = dspy.RLM("q -> a")
                self.flex = dspy.Flex("q -> a")
                self.nested = dspy.BestOfN(dspy.Refine(Cot("q -> a"), 2, reward, 1.0), 2, reward, 1.0)
        """,
        [],
    ),
    "lists, tuples and dicts, one level": (
        """
        class Program(Module):
            def __init__(self):
                super().__init__()
                self.steps = [Predict("a -> b"), Cot("a -> b"), "text"]
                self.pair = (Predict("a -> b"), Predict("b -> c"))
                self.tools = {"x": Predict("a -> b"), 1: Predict("b -> c"), "it's": Cot("a -> b")}
                self.deep = [[Predict("a -> b")], {"x": Predict("a -> b")}]
                self.unseen = {Predict("a -> b")}
                self.by_keyword = dict(one=Predict("a -> b"))
        """,
        [],
    ),
    "containers that grow": (
        """
        class Program(Module):
            def __init__(self):
                super().__init__()
                self.steps = []
                self.steps.append(Predict("a -> b"))
                self.steps.extend([Predict("a -> b"), Cot("a -> b")])
                self.steps += [Predict("c -> d")]
                self.tools = {}
                self.tools["late"] = Predict("a -> b")
                self.tools.update({"later": Predict("a -> b")})
                self.steps[1] = Cot("a -> b")
                parts = [Predict("a -> b")]
                self.parts = parts
                parts.append(Predict("x -> y"))
        """,
        [],
    ),
    "the same object is shown once": (
        """
        shared = Predict("a -> b")

        class Program(Module):
            def __init__(self):
                super().__init__()
                one = Predict("a -> b")
                self.one = one
                self.two = one
                self.three = self.one
                self.four = self.five = Cot("a -> b")
                self.list = [one, Predict("x -> y")]
                self.shared = shared
                self.again = shared
        """,
        [],
    ),
    "reassigned, removed, unpacked": (
        """
        class Program(Module):
            def __init__(self):
                super().__init__()
                self.late = None
                self.early = Predict("a -> b")
                self.late = Cot("a -> b")
                self.gone = Predict("a -> b")
                self.gone = None
                self.deleted = Predict("a -> b")
                del self.deleted
                self.a, self.b = Predict("a -> b"), Cot("a -> b")
                (self.c, [self.d, self.e]) = Predict("a -> b"), (Predict("a -> b"), 3)
                setattr(self, "set", Predict("a -> b"))
                self.typed: dspy.Predict = dspy.Predict("a -> b")
                self.declared: dspy.Predict
        """,
        [],
    ),
    "sub-modules": (
        """
        class Inner(Module):
            def __init__(self):
                super().__init__()
                self.ask = Cot("a -> b")
                self.raw = Predict("a -> b")

        class Outer(Module):
            def __init__(self, inner_count=3):
                super().__init__()
                self.inner = Inner()
                self.inners = [Inner(), Predict("x -> y")]

        class Program(Module):
            def __init__(self):
                super().__init__()
                self.outer = Outer(inner_count=2)
                self.best = dspy.BestOfN(Inner(), 2, reward, 1.0)
        """,
        [],
    ),
    "inherited": (
        """
        class Base(Module):
            def __init__(self):
                super().__init__()
                self.base = Predict("a -> b")
                self.both = Predict("a -> b")

        class NoInit(Base):
            pass

        class Program(NoInit):
            def __init__(self):
                self.before = Predict("x -> y")
                super().__init__()
                self.after = Predict("x -> y")
                self.both = Cot("x -> y")
        """,
        [],
    ),
    "explicit base, own methods, no super": (
        """
        class Base(Module):
            def __init__(self):
                self.base = Predict("a -> b")
                self.build()

            def build(self):
                self.built = Cot("a -> b")

        class Cut(Base):
            def __init__(self):
                self.own = Predict("a -> b")

        class Program(Base):
            def __init__(self):
                Base.__init__(self)
                self.cut = Cut()
        """,
        [],
    ),
    "diamond": (
        """
        class Base(Module):
            def __init__(self):
                super().__init__()
                self.base = Predict("a -> b")

        class Left(Base):
            def __init__(self):
                super().__init__()
                self.left = Predict("a -> b")

        class Right(Base):
            def __init__(self):
                super().__init__()
                self.right = Predict("a -> b")

        class Program(Left, Right):
            pass
        """,
        [],
    ),
    "mixin": (
        """
        class Named:
            def __init__(self):
                super().__init__()
                self.mixed = Predict("a -> b")

        class Program(Named, Module):
            def __init__(self):
                super().__init__()
                self.own = Predict("a -> b")
        """,
        [],
    ),
    "derived from predictors": (
        """
        class MyPredict(dspy.Predict):
            pass

        class MyCot(dspy.ChainOfThought):
            def __init__(self):
                self.before = Predict("x -> y")
                super().__init__("a -> b")
                self.after = Predict("x -> y")

        class Program(Module):
            def __init__(self):
                super().__init__()
                self.predict = MyPredict("a -> b")
                self.cot = MyCot()
        """,
        [],
    ),
    "a predictor that is the program": (
        """
        class Program(dspy.Predict):
            def __init__(self):
                super().__init__("a -> b")
                self.inner = Predict("x -> y")
        """,
        [],
    ),
    "plain attributes": (
        """
        import json, os.path

        class Helper:
            def __call__(self):
                return 1

        class Program(Module):
            answer = dspy.Predict("at_class -> level")

            def __init__(self, k=3, name: str = None, flags: list[str] | None = None):
                super().__init__()
                self.k, self.name, self.flags = k, name, flags
                self.retrieve = dspy.Retrieve(k=k)
                self.lm = None
                self.helper = Helper()
                self.text = json.dumps({})
                self.kind = Helper
                self.call = lambda: 1
                self.look_up = look_up
                self.joined = os.path.join("a", "b")
                self.names = [name.upper() for name in ["a", "b"]]
                self.ask = Predict("a -> b")

            def forward(self, question):
                self.lazy = Predict("not -> yet")
                self.helper()
                return self.ask(a=question)
        """,
        [],
    ),
    "with, walrus, nested functions": (
        """
        from contextlib import nullcontext

        class Program(Module):
            def __init__(self):
                super().__init__()
                def local(): return Predict("a -> b")
                with nullcontext():
                    self.inside = Predict("a -> b")
                if False:
                    self.nothing = 1
                for _ in range(2):
                    count = 1
        """,
        [],
    ),
    # What is decided at run time: the certain names must still be exact, the rest named as dynamic.
    "branches and loops": (
        """
        class Program(Module):
            def __init__(self, deep=True):
                super().__init__()
                self.certain = Predict("a -> b")
                if deep:
                    self.maybe = Predict("a -> b")
                else:
                    self.maybe = Cot("a -> b")
                self.steps = [Predict("a -> b") for _ in range(2)]
                self.grown = [Predict("a -> b")]
                for i in range(2):
                    self.grown.append(Predict("a -> b"))
                self.one = Predict("a -> b") if deep else Cot("a -> b")
                try:
                    self.tried = Predict("a -> b")
                except Exception:
                    self.tried = None
        """,
        ["maybe*", "steps*", "grown*", "one*", "tried*"],
    ),
    "given from outside": (
        """
        def make():
            return Predict("a -> b")

        class Program(Module):
            def __init__(self, module=Predict("a -> b"), name="x"):
                super().__init__()
                self.module = module
                self.made = make()
                setattr(self, name, Predict("a -> b"))
        """,
        ["module*", "made*", "*"],
    ),
    "after a conditional return": (
        """
        class Program(Module):
            def __init__(self, short=False):
                super().__init__()
                self.first = Predict("a -> b")
                if short:
                    return
                self.second = Predict("a -> b")
        """,
        ["second*"],
    ),
    "a method a subclass replaces": (
        """
        class Base(Module):
            def __init__(self):
                super().__init__()
                self.build()

            def build(self):
                self.built = Predict("a -> b")

        class Program(Base):
            def build(self):
                self.other = Predict("a -> b")
        """,
        ["*"],
    ),
    "names of its own": (
        """
        class Program(Module):
            def __init__(self):
                super().__init__()
                self.ask = Predict("a -> b")

            def named_parameters(self):
                return []
        """,
        ["*"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_names_are_those_of_dspy(case: str, make_index) -> None:
    body, expected_dynamic = CASES[case]
    text = PREAMBLE + dedent(body)
    index = make_index({"app.py": text})
    program = index.view.resolve_program("app.py", "Program")
    assert program is not None
    assert sorted(set(program.dynamic)) == sorted(expected_dynamic)
    check_names([predictor.name for predictor in program.predictors], program.dynamic, run(index, "Program()"))


BARE = {
    "predict": 'dspy.Predict("q -> a")',
    "chain of thought": 'dspy.ChainOfThought("q -> a")',
    "alias": 'Cot("q -> a")',
    "react": 'dspy.ReAct("q -> a", tools=[look_up])',
    "best of": 'dspy.BestOfN(Cot("q -> a"), 2, reward, 1.0)',
    "refined predict": 'dspy.Refine(module=Predict("q -> a"), N=2, reward_fn=reward, threshold=1.0)',
}


@pytest.mark.parametrize("case", BARE)
def test_bare_predictors(case: str, make_index) -> None:
    text = f"{PREAMBLE}\nprogram = {BARE[case]}\n"
    index = make_index({"app.py": text})
    expected = run(index, "program")
    for expression in ("program", BARE[case], "program.deepcopy()"):
        found = index.view.resolve_program("app.py", expression)
        assert found is not None
        assert [predictor.name for predictor in found.predictors] == expected
        assert found.dynamic == []


def run(index: Index, expression: str) -> list[str]:
    """Import app.py as Python would (Refine reads its source) and ask dspy."""
    spec = importlib.util.spec_from_file_location("app", index.root / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
        program = eval(expression, vars(module))
    assert isinstance(program, dspy.Module)
    return [name for name, _ in program.named_predictors()]


def check_names(found: list[str], dynamic: list[str], actual: list[str]) -> None:
    """Equal in order, once what the dynamic names stand for is left out."""
    prefixes = tuple(name.removesuffix("*") for name in dynamic)
    if "" in prefixes:
        return  # nothing is claimed
    certain = [name for name in actual if name in found or not name.startswith(prefixes or ("\0",))]
    assert found == certain


def test_the_report_says_the_same(make_index) -> None:
    index: Index = make_index({"app.py": PREAMBLE + dedent(CASES["branches and loops"][0])})
    (module,) = index_report(index.view, None).modules
    assert [predictor.name for predictor in module.predictors] == [
        "certain", "grown[0]", "maybe*", "steps*", "grown*", "one*", "tried*",
    ]  # fmt: skip
    assert module.dynamic
