"""`[tool.tunesmith.targets.NAME]`: programs, metrics and data named by module or file."""

import pytest

from tunesmith.optim.errors import RunError

PROGRAMS = {
    "an instance": ("from base import Classify\nprogram = Classify()", "program"),
    "a class": ("from base import Classify", "Classify"),
    "a function": ("from base import Classify\ndef build():\n    return Classify()", "build"),
    "a function with defaults": ("from base import Classify\ndef build(k=3):\n    return Classify()", "build"),
    "a bare predictor": ('import dspy\nprogram = dspy.ChainOfThought("text -> label")', "program"),
    "a nested attribute": ("from base import Classify\nclass Holder:\n    inner = Classify()", "Holder.inner"),
}


@pytest.mark.parametrize("how", PROGRAMS)
@pytest.mark.parametrize("reference", ["{module}:{name}", "{module}.py:{name}"])
def test_a_program_may_be(workspace, how, reference):
    source, name = PROGRAMS[how]
    workspace.write({"app.py": source})
    resolved = workspace.configured(
        program=reference.format(module="app", name=name), trainset="base:examples_of_three"
    )
    assert [field for p in resolved.program.predictors() for field in p.signature.input_fields] == ["text"]


@pytest.fixture(autouse=True)
def three_examples(workspace):
    base = (workspace.root / "base.py").read_text()
    workspace.write({"base.py": base + "\ndef examples_of_three():\n    return examples(3)\n"})


NOT_PROGRAMS = {
    "text": ("program = 'Classify'", "program", "gives a `str`, not a dspy program"),
    "a function that needs something": ("def build(n): ...", "build", "needs arguments"),
    "a function that gives nothing": ("def build(): ...", "build", "gives None"),
    "no such name": ("something = 1", "program", "app.py has no `program`. It has: something."),
}


@pytest.mark.parametrize("why", NOT_PROGRAMS)
def test_no_program(workspace, why):
    source, name, message = NOT_PROGRAMS[why]
    workspace.write({"app.py": source})
    with pytest.raises(RunError) as caught:
        workspace.configured(program=f"app:{name}", trainset="base:examples_of_three")
    assert message in caught.value.error.message
    assert caught.value.error.where == "pyproject.toml:7"
    assert caught.value.error.next_step


METRICS = {
    "a function": ("def judge(example, prediction, trace=None): return 1", "judge"),
    "a class of callables": ("class Judge:\n    def __call__(self, e, p, trace=None): return 1", "Judge"),
    "a factory": ("def make():\n    return lambda e, p, trace=None: 1", "make"),
    "a function with defaults only": ("def judge(example=None, prediction=None): return 1", "judge"),
}


@pytest.mark.parametrize("how", METRICS)
def test_a_metric_may_be(workspace, how):
    source, name = METRICS[how]
    workspace.write({"judging.py": source})
    resolved = workspace.configured(metric=f"judging:{name}", trainset="base:examples_of_three")
    assert resolved.metric(None, None) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metric": None, "trainset": "base:examples_of_three"}, "has no metric"),
        ({"trainset": None}, "has no trainset"),
        ({"program": "base", "trainset": "x:y"}, "does not name an object"),
        ({"program": "nowhere:program", "trainset": "x:y"}, "There is no module `nowhere`"),
        ({"program": "nowhere.py:program", "trainset": "x:y"}, "There is no file nowhere.py"),
        ({"metric": "base:PRELUDE", "trainset": "x:y"}, "has no `PRELUDE`"),
    ],
)
def test_what_is_missing_is_named(workspace, fields, message):
    with pytest.raises(RunError) as caught:
        workspace.configured(**fields)
    assert message in caught.value.error.message
    assert caught.value.error.where == "pyproject.toml:7"
    assert caught.value.error.next_step


LAYOUTS = {
    "flat": {"app.py": "from base import Classify\nprogram = Classify()"},
    "src": {"src/shop/__init__.py": "", "src/shop/app.py": "from .parts import Classify\nprogram = Classify()",
            "src/shop/parts.py": "from base import *"},
    "package": {"shop/__init__.py": "", "shop/deep/__init__.py": "",
                "shop/deep/app.py": "from ..parts import Classify\nprogram = Classify()",
                "shop/parts.py": "from base import *"},
    "script folder": {"scripts/app.py": "from beside import Classify\nprogram = Classify()",
                      "scripts/beside.py": "from base import *"},
    "package itself": {"app/__init__.py": "from .parts import Classify\nprogram = Classify()",
                       "app/parts.py": "from base import *"},
}  # fmt: skip
PLACES = {
    "flat": ["app:program", "app.py:program"],
    "src": ["shop.app:program", "src/shop/app.py:program"],
    "package": ["shop.deep.app:program", "shop/deep/app.py:program"],
    "script folder": ["scripts/app.py:program"],
    "package itself": ["app:program", "app/__init__.py:program"],
}


@pytest.mark.parametrize(
    ("layout", "reference"), [(name, place) for name, places in PLACES.items() for place in places]
)
def test_layouts(workspace, layout, reference):
    workspace.write(LAYOUTS[layout])
    assert workspace.configured(program=reference, trainset="base:examples_of_three").program is not None


def test_a_module_is_imported_once_whatever_it_is_called(workspace):
    workspace.write({
        "pkg/__init__.py": "",
        "pkg/app.py": "from base import *\nprogram = Classify()\ndef judge(e, p): return type(e) is type(program)",
    })  # fmt: skip
    resolved = workspace.configured(
        program="pkg.app:program", metric="pkg/app.py:judge", trainset="base:examples_of_three"
    )
    assert resolved.metric(resolved.program, None)


def test_a_script_named_like_a_loaded_module(workspace):
    workspace.write({"queue.py": "from base import Classify\nprogram = Classify()"})
    resolved = workspace.configured(program="queue.py:program", trainset="base:examples_of_three")
    assert type(resolved.program).__name__ == "Classify"


def test_the_main_guard_does_not_run(workspace):
    workspace.write(
        {"app.py": "from base import *\nprogram = Classify()\nif __name__ == '__main__':\n    raise SystemExit"}
    )
    workspace.configured(program="app:program", trainset="base:examples_of_three")


COMPILE = "dspy.BootstrapFewShot(metric=metric).compile(program, trainset=examples(2))"
SPENDING = {
    "compile": f"tuned = {COMPILE}",
    "evaluate": "dspy.Evaluate(devset=examples(2), metric=metric)(program)",
    "a class defined here": "class Mine(dspy.teleprompt.Teleprompter):\n"
    "    def compile(self, student, *, trainset): raise AssertionError\n"
    "tuned = Mine().compile(program, trainset=[])",
    "swallowed by nobody": f"try:\n    tuned = {COMPILE}\nexcept Exception:\n    raise AssertionError",
}


@pytest.mark.parametrize("what", SPENDING)
def test_importing_spends_nothing(workspace, what):
    """Names bound before the call are used, names bound after it are reported with its place."""
    source = f"import dspy\nfrom base import *\nprogram = Classify()\n{SPENDING[what]}\nlate = program\n"
    workspace.write({"app.py": source, "same.py": source})
    workspace.configured(program="app:program", trainset="base:examples_of_three")
    (warning,) = workspace.warnings
    place = warning.partition(": ")[0]
    assert "(" in source.splitlines()[int(place.removeprefix("app.py:")) - 1]
    with pytest.raises(RunError) as caught:
        workspace.configured(program="same.py:late", trainset="base:examples_of_three")
    assert caught.value.error.where == place.replace("app", "same")
    assert "__main__" in (caught.value.error.next_step or "")


def test_a_call_in_a_module_it_imports(workspace):
    workspace.write(
        {"tuned.py": f"from base import *\nprogram = Classify()\n\ntuned = {COMPILE}", "app.py": "import tuned\nx = 1"}
    )
    with pytest.raises(RunError) as caught:
        workspace.configured(program="app:x", trainset="base:examples_of_three")
    assert caught.value.error.where == "tuned.py:4"


def test_optimizers_work_again_afterwards(workspace):
    import dspy

    before = dspy.BootstrapFewShot.__dict__["compile"], dspy.Evaluate.__call__
    workspace.configured(trainset="base:examples_of_three")
    assert (dspy.BootstrapFewShot.__dict__["compile"], dspy.Evaluate.__call__) == before
