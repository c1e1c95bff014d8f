"""`compile` calls in the code: by import, by running the script up to the call, and why not."""

import pytest

from tunesmith.optim.errors import RunError

IN_MAIN = """
    import dspy
    from base import *

    def main():
        program = Classify()
        train = examples(4)
        optimizer = dspy.BootstrapFewShot(metric=metric, max_bootstrapped_demos=2)
        tuned = optimizer.compile(program, trainset=train)  # here
        raise AssertionError("went on")

    if __name__ == "__main__":
        main()
"""
AT_TOP_LEVEL = """
    import dspy
    from base import *
    program = Classify()
    tuned = dspy.BootstrapFewShot(
        metric=metric,
    ).compile(
        program,  # here
        trainset=examples(5),
    )
    raise AssertionError("went on")
"""


def test_locals_in_main(workspace):
    workspace.write({"train.py": IN_MAIN})
    resolved = workspace.compile_at("# here")
    assert type(resolved.program).__name__ == "Classify"
    assert len(resolved.trainset) == 4
    assert resolved.metric.__name__ == "metric"
    assert resolved.options["max_bootstrapped_demos"] == 2


def test_running_a_script_needs_consent(workspace):
    workspace.write({"train.py": IN_MAIN})
    with pytest.raises(RunError) as caught:
        workspace.compile_at("# here", confirmed=False)
    assert "--yes-run-script" in (caught.value.error.next_step or "")
    assert caught.value.error.where == "train.py:9"


@pytest.mark.parametrize("importable", [True, False])
def test_top_level(workspace, importable):
    """Met on import or while the script runs, the call hands over; the line may be any of its lines."""
    workspace.write({"train.py": AT_TOP_LEVEL})
    resolved = workspace.compile_at(
        "# here", importable=importable, program="program", metric="metric", trainset="examples(5)"
    )
    assert len(resolved.trainset) == 5


def test_module_level_names_used_in_a_function(workspace):
    workspace.write({"train.py": """
        import dspy
        from base import *
        program, train, dev = Classify(), examples(6), examples(2)
        def main():
            dspy.BootstrapFewShot(metric=metric).compile(program, trainset=train[:3], valset=dev)  # here
    """})  # fmt: skip
    resolved = workspace.compile_at(
        "# here", importable=True, program="program", metric="metric", trainset="train[:3]", valset="dev"
    )
    assert (len(resolved.trainset), len(resolved.valset)) == (3, 2)


def test_a_name_bound_after_another_compile(workspace):
    workspace.write({"train.py": """
        import dspy
        from base import *
        first = dspy.LabeledFewShot().compile(Classify(), trainset=examples(2))
        def main():
            dspy.BootstrapFewShot(metric=metric).compile(late, trainset=examples(3))  # here
        late = Classify()
    """})  # fmt: skip
    with pytest.raises(RunError) as caught:
        workspace.compile_at("# here", importable=True, program="late", metric="metric", trainset="examples(3)")
    assert caught.value.error.where == "train.py:4"


def test_what_comes_before_is_not_run_but_told(workspace):
    workspace.write({"train.py": """
        import dspy
        from base import *
        def main():
            program = Classify()
            labeled = dspy.LabeledFewShot(k=2).compile(program, trainset=examples(2))
            score = dspy.Evaluate(devset=examples(2), metric=metric)(labeled).score
            assert labeled is not program and score == 0 and not labeled.predict.demos
            dspy.BootstrapFewShot(metric=metric).compile(labeled, trainset=examples(3))  # here
        main()
    """})  # fmt: skip
    assert len(workspace.compile_at("# here").trainset) == 3
    assert [warning.partition(":")[2].partition(":")[0] for warning in workspace.warnings] == ["6", "7"]


def test_settings_around_the_call(workspace):
    workspace.write({"train.py": """
        import dspy
        from dspy.utils import DummyLM
        from base import *
        with dspy.context(lm=DummyLM([{"label": "yes"}])):
            dspy.BootstrapFewShot(metric=metric).compile(Classify(), trainset=examples(3))  # here
    """})  # fmt: skip
    assert type(workspace.compile_at("# here").settings["lm"]).__name__ == "DummyLM"


def test_the_script_is_main_with_its_own_arguments(workspace):
    workspace.write({"jobs/train.py": """
        import argparse, sys
        import dspy
        import beside
        parser = argparse.ArgumentParser()
        parser.add_argument("--n", type=int, required=True)
        n = parser.parse_args().n
        assert sys.argv[0] == __file__ and sys.modules["__main__"].n is n
        dspy.BootstrapFewShot(metric=beside.metric).compile(beside.Classify(), trainset=beside.examples(n))  # here
    """, "jobs/beside.py": "from base import *"})  # fmt: skip
    assert len(workspace.compile_at("# here", "jobs/train.py", arguments=("--n", "7")).trainset) == 7
    with pytest.raises(RunError) as caught:
        workspace.compile_at("# here", "jobs/train.py")
    assert "usage error" in caught.value.error.message
    assert "arguments" in (caught.value.error.next_step or "")


def test_a_file_of_a_package_runs_like_dash_m(workspace):
    workspace.write({
        "shop/__init__.py": "",
        "shop/parts.py": "from base import *",
        "shop/train.py": """
            import dspy
            from .parts import *
            assert __package__ == "shop" and __name__ == "__main__"
            dspy.BootstrapFewShot(metric=metric).compile(Classify(), trainset=examples(3))  # here
        """,
    })  # fmt: skip
    assert len(workspace.compile_at("# here", "shop/train.py").trainset) == 3


SHORT_OF_THE_CALL = {
    "ends": ("", "ended without reaching"),
    "leaves": ("import sys; sys.exit(4)", "sys.exit(4)"),
}


@pytest.mark.parametrize("how", SHORT_OF_THE_CALL)
def test_a_script_that_never_gets_there(workspace, how):
    statement, message = SHORT_OF_THE_CALL[how]
    workspace.write(
        {"train.py": f"import dspy\n{statement}\nif False:\n    dspy.BootstrapFewShot().compile(None)  # here\n"}
    )
    with pytest.raises(RunError) as caught:
        workspace.compile_at("# here")
    assert message in caught.value.error.message
    assert caught.value.error.where == "train.py:4"


@pytest.mark.parametrize("handler", ["except BaseException: pass", "except: pass"])
def test_a_script_that_swallows_everything_still_hands_over(workspace, handler):
    workspace.write({"train.py": f"""
        import dspy
        from base import *
        try:
            dspy.BootstrapFewShot(metric=metric).compile(Classify(), trainset=examples(3))  # here
        {handler}
    """})  # fmt: skip
    assert len(workspace.compile_at("# here").trainset) == 3


def test_classes_of_a_captured_script_live_on(workspace):
    """Copies, pickles and forward references look classes up in `__main__`."""
    workspace.write({"train.py": """
        import dspy
        class Answer(dspy.Signature):
            '''Answer.'''
            text: str = dspy.InputField()
            label: "Label" = dspy.OutputField()
        Label = str
        class Classify(dspy.Module):
            def __init__(self):
                self.predict = dspy.Predict("text -> label")
            def forward(self, text):
                return self.predict(text=text)
        from base import metric, examples
        dspy.BootstrapFewShot(metric=metric).compile(Classify(), trainset=examples(3))  # here
    """.replace('"Label"', "str")})  # fmt: skip
    import inspect

    program = workspace.compile_at("# here").program
    assert type(program.deepcopy()) is type(program)
    assert "self.predict" in inspect.getsource(type(program))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("dspy.BootstrapFewShot(metric=None).compile(Classify(), trainset=examples(1))", "has no metric"),
        ("dspy.BootstrapFewShot(metric=metric).compile('Classify', trainset=examples(1))", "gives a `str`"),
        ("dspy.BootstrapFewShot(metric=metric).compile(Classify(), trainset=[])", "`trainset` is empty"),
    ],
)
def test_incomplete_calls(workspace, call, message):
    workspace.write({"train.py": f"import dspy\nfrom base import *\n{call}  # here\n"})
    with pytest.raises(RunError) as caught:
        workspace.compile_at("# here")
    assert message in caught.value.error.message
    assert caught.value.error.where == "train.py:3"


def test_a_line_without_a_call(workspace):
    workspace.write({"train.py": "import dspy\nx = 1  # here\n"})
    with pytest.raises(RunError, match=r"train\.py:2: There is no `compile` call"):
        workspace.compile_at("# here")
