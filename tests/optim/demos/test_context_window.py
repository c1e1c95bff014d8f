"""Demo sets are shortened to what a model with a known context window can read."""

from typing import Any

import dspy
import pytest
from dspy.utils import DummyLM

from tunesmith.optim.demos.context_window import context_window, fit_demo_sets
from tunesmith.optim.demos.sets import AS_IT_CAME, DemoSet
from tunesmith.protocol import DemoChoice


def demo_set(name: str, *tokens: int) -> DemoSet:
    choices = [
        DemoChoice(predictor="self", example=place, origin="bootstrapped", why="", tokens=size, values={})
        for place, size in enumerate(tokens)
    ]
    demos = [dspy.Example(question=f"q{place}", answer="a") for place in range(len(tokens))]
    return DemoSet(name=name, demos=demos, choices=choices, tokens=sum(tokens))


def fitted(window: int | None, *sets: DemoSet, monkeypatch: pytest.MonkeyPatch) -> tuple[list[DemoSet], list[str]]:
    monkeypatch.setattr("tunesmith.optim.demos.context_window.context_window", lambda lm: window)
    warnings: list[str] = []
    given = {"self": [demo_set(AS_IT_CAME, 5000), *sets]}
    examples = [dspy.Example(question="q" * 400, answer="a").with_inputs("question")]
    student = dspy.Predict("question -> answer")
    return fit_demo_sets(given, student, examples, warn=warnings.append)["self"], warnings


def test_the_last_demos_go_first_and_what_the_program_came_with_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    # 1,500 less 900 for system message and answer, less 101 of the longest example: 499 are left.
    sets, warnings = fitted(1500, demo_set("many", 200, 200, 200), demo_set("few", 200), monkeypatch=monkeypatch)
    assert [len(one.demos) for one in sets] == [1, 2, 1]
    assert (sets[1].tokens, len(sets[1].choices)) == (400, 2)
    assert len(warnings) == 1
    assert warnings[0].endswith("context window of 1,500 tokens: 1.")


@pytest.mark.parametrize("window", [None, 100_000], ids=["unknown", "wide"])
def test_where_nothing_is_too_long_nothing_changes(window: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    many = demo_set("many", 200, 200, 200)
    sets, warnings = fitted(window, many, monkeypatch=monkeypatch)
    assert sets[1] is many
    assert warnings == []


def test_windows_come_from_the_table_of_the_models_provider() -> None:
    assert context_window(dspy.LM("openai/gpt-4o-mini")) == 128_000
    assert context_window(dspy.LM("nobody/knows-this-one")) is None
    assert context_window(DummyLM([])) is None
