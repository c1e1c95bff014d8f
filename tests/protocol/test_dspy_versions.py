"""The table of dspy's versions says what the installed dspy does."""

import re
import tomllib
from pathlib import Path
from types import ModuleType

import dspy
import dspy.experimental
import pytest
from dspy.utils.dummies import DummyLM

from tunesmith.optim.worker import requirements
from tunesmith.protocol.dspy_versions import (
    BELOW,
    CALLABLE_BUT_NO_MODULE,
    DEFAULT_INSTRUCTION,
    LOWEST,
    NEWEST_READ,
    OPTIMIZERS,
    RETIRED,
    RETIRED_ARGUMENTS,
    SUPPORTED,
    VERSIONS,
    WRAPPERS,
    Version,
    facts_of,
)

_MAJOR, _MINOR = map(int, re.findall(r"\d+", dspy.__version__)[:2])
INSTALLED: Version = (_MAJOR, _MINOR)
HOMES: tuple[ModuleType, ...] = (dspy, dspy.teleprompt)


def exists(name: str) -> bool:
    return any(hasattr(home, name) for home in HOMES)


@pytest.mark.skipif(INSTALLED > NEWEST_READ, reason="what is said of it was only announced")
@pytest.mark.parametrize("name", RETIRED)
def test_retired_names_are_gone_since_the_version_that_is_said(name: str) -> None:
    assert exists(name) == (RETIRED[name].gone > INSTALLED)


@pytest.mark.parametrize("name", RETIRED)
def test_what_is_named_instead_exists(name: str) -> None:
    assert all(exists(other) for other in re.findall(r"dspy\.(\w+)", RETIRED[name].instead))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_default_adapter_is_the_one_a_call_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    default = facts_of(INSTALLED).default_adapter
    adapter = getattr(dspy, default.name)
    used: list[type] = []
    plain = adapter.format

    def noted(self: object, *args: object, **kwargs: object) -> object:
        used.append(type(self))
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(adapter, "format", noted)
    with dspy.context(lm=DummyLM([{"answer": "yes"}], adapter=adapter(**default.arguments)), adapter=None):
        dspy.Predict("question -> answer")(question="Is it?")
    assert used == [adapter]


@pytest.mark.parametrize("name", sorted({*facts_of(INSTALLED).predictors, *WRAPPERS, *OPTIMIZERS - {"Teleprompter"}}))
def test_names_of_predictors_wrappers_and_optimizers_exist(name: str) -> None:
    assert exists(name)


def test_what_programs_keep_and_call_is_callable() -> None:
    assert [name for name in CALLABLE_BUT_NO_MODULE if not callable(getattr(dspy, name, None))] == []


def test_versions_are_in_order() -> None:
    since = [facts.since for facts in VERSIONS]
    assert since == sorted(since)
    assert since[0] == LOWEST


@pytest.mark.parametrize(
    ("version", "adapter"),
    [((2, 6), "ChatAdapter"), ((3, 4), "ChatAdapter"), ((3, 5), "XMLAdapter"), ((4, 0), "XMLAdapter")],
)
def test_a_version_has_the_facts_of_the_last_entry_not_newer(version: Version, adapter: str) -> None:
    assert facts_of(version).default_adapter.name == adapter


def test_the_default_instruction_is_dspys() -> None:
    before, between, after = DEFAULT_INSTRUCTION
    assert dspy.Signature("a, b -> c").instructions == f"{before}`a`, `b`{between}`c`{after}"


def test_an_argument_is_retired_in_a_version_that_was_read_or_announced() -> None:
    assert all(retired.callables and retired.deprecated <= INSTALLED for retired in RETIRED_ARGUMENTS)


def test_the_worker_and_the_wheel_ask_for_the_same_dspy() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert SUPPORTED in project["dependencies"]
    assert requirements.DSPY == SUPPORTED
    assert requirements.LOWEST_DSPY == LOWEST
    assert (*requirements.BELOW_DSPY, 0)[:2] == BELOW
