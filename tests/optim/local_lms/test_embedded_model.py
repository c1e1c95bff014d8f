"""The embedded model itself, over both routes: answers, constraints, prefix reuse, and a server that stops."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, Literal

import dspy
import pytest

from tunesmith.optim.adapters import ConstrainedAdapter
from tunesmith.optim.local_lms import resolve_lm, serve
from tunesmith.optim.local_lms.server import LocalServer, compute_threads
from tunesmith.protocol.models import MODELS, is_fetched

MODEL = MODELS["smollm2-135m"]
pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not is_fetched(MODEL), reason=f"`tunesmith model pull {MODEL.name}` was not run"),
]
Server = LocalServer


class Sort(dspy.Signature):
    """Decide what a message to a bike rental is about."""

    message: str = dspy.InputField()
    topic: Literal["fault", "payment"] = dspy.OutputField()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("xllamacpp")
    with serve(MODEL.name) as running:
        yield running


@pytest.fixture(params=["http", "engine"])
def lm(request: pytest.FixtureRequest, server: Server) -> Any:
    if request.param == "http":
        made = dspy.LM(
            f"openai/{MODEL.name}",
            api_base=server.api_base,
            api_key=server.api_key,
            temperature=0.0,
            max_tokens=8,
            cache=False,
        )
        made.is_local = True
        return made
    pytest.importorskip("dspy.lm15", reason="this dspy has no engine seam")
    return resolve_lm(f"local/{MODEL.name}", max_tokens=8, cache=False)


def test_constrained_answers_fit(lm: Any) -> None:
    with dspy.context(lm=lm, adapter=ConstrainedAdapter()):
        topic = dspy.Predict(Sort)(message="The chain came off.").topic
        typed = dspy.Predict("message -> count: int, sure: bool", max_tokens=40)(message="Two pedals are broken.")
    assert topic in ("fault", "payment")
    assert isinstance(typed.count, int)
    assert isinstance(typed.sure, bool)


async def test_async_calls(lm: Any) -> None:
    with dspy.context(lm=lm, adapter=ConstrainedAdapter()):
        assert (await dspy.Predict(Sort).acall(message="I was billed twice.")).topic in ("fault", "payment")


def test_alternating_prompts_keep_their_prefixes(server: Server) -> None:
    """Two predictors of a program, called in turn: only what is new is read."""
    systems = ["You sort messages into drawers. " * 12, "You look for numbers in messages. " * 12]
    read: list[int] = []
    for number in range(3):
        for system in systems:
            body = {
                "messages": [{"role": "system", "content": system}, {"role": "user", "content": f"Message {number}"}],
                "max_tokens": 1,
            }
            usage = server.chat(body)["usage"]
            read.append(usage["prompt_tokens"] - usage["prompt_tokens_details"]["cached_tokens"])
    assert max(read[2:]) < 20 < min(read[:2])


def test_calls_in_parallel(server: Server) -> None:
    answers: list[str] = []

    def ask(number: int) -> None:
        body = {"messages": [{"role": "user", "content": f"Say {number}."}], "max_tokens": 4}
        answers.append(server.chat(body)["choices"][0]["message"]["content"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6


def test_too_long_a_prompt_is_said_so(server: Server) -> None:
    error = server.chat({"messages": [{"role": "user", "content": "word " * 5000}]})["error"]
    assert error["type"] == "exceed_context_size_error"


def test_only_holders_of_the_key_are_answered(server: Server) -> None:
    for key, status in ((server.api_key, 200), ("another", 401)):
        assert ask_over_http(server, key) == status


def test_one_server_a_process_until_its_last_user_leaves(server: Server) -> None:
    with serve(f"local/{MODEL.name}") as again:
        assert again.api_base == server.api_base
    assert ask_over_http(server, server.api_key) == 200


def test_leaves_a_core_to_others() -> None:
    assert compute_threads() >= 1


def ask_over_http(server: Server, key: str) -> int:
    body = json.dumps({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.api_base}/chat/completions", body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
