"""A workspace with simulated runs, and what answers for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.page_runs import leave_bootstrap_run, leave_finetune_run, leave_search_run
from tunesmith.server.results_page import ResultsAnswers
from tunesmith.server.runs.catalog import RunCatalog


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    leave_bootstrap_run(root, "boot")
    leave_search_run(root, "search")
    leave_finetune_run(root, "tune")
    return root


@pytest.fixture
def answers(root: Path, tmp_path: Path) -> Iterator[ResultsAnswers]:
    answers = ResultsAnswers(root, RunCatalog(tmp_path / "state", is_executing=lambda _: False))
    yield answers
    answers.close()
