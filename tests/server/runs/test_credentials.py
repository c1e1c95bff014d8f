"""Environments: who needs one, and what must not be seen of it."""

from collections.abc import Callable

import pytest

from tunesmith.protocol import RunSpec
from tunesmith.server.runs.credentials import make_redactor, needs_credentials, plain_environment


@pytest.mark.parametrize(
    ("models", "needed"),
    [
        ({}, True),
        ({"lm": "openai/gpt-x"}, True),
        ({"lm": "local/smollm2-135m"}, False),
        ({"lm": "local/smollm2-135m", "teacher_lm": "local/other"}, False),
        ({"lm": "local/smollm2-135m", "teacher_lm": "openai/gpt-x"}, True),
        ({"lm": "local/smollm2-135m", "prompt_lm": "openai/gpt-x"}, True),
        ({"teacher_lm": "local/smollm2-135m"}, True),
        ({"lm": "local/smollm2-135m", "model": "google/flan-t5-small"}, False),
    ],
)
def test_only_models_of_this_machine_need_none(
    models: dict[str, str], needed: bool, a_spec: Callable[..., RunSpec]
) -> None:
    assert needs_credentials(a_spec(**models)) is needed


def test_a_plain_environment_says_where_things_are_and_nothing_else() -> None:
    environment = {"PATH": "/bin", "HOME": "/home/me", "OPENAI_API_KEY": "sk-1", "FOO": "bar", "PYTHONPATH": "/x"}
    assert plain_environment(environment) == {"PATH": "/bin", "HOME": "/home/me"}


@pytest.mark.parametrize(
    ("environment", "text", "shown"),
    [
        ({"OPENAI_API_KEY": "sk-12345678"}, "key sk-12345678!", "key ***!"),
        ({"MY_TOKEN": "abcdefgh", "OTHER_SECRET": "abcdefghij"}, "abcdefghij abcdefgh", "*** ***"),
        ({"API_KEY": "x"}, "example", "example"),
        ({"HOME": "/home/someone"}, "/home/someone/app.py", "/home/someone/app.py"),
    ],
)
def test_secrets_are_blotted_out(environment: dict[str, str], text: str, shown: str) -> None:
    assert make_redactor(environment)(text) == shown
