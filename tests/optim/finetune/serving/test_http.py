"""A student over HTTP: the OpenAI shapes, the token, and clean refusals."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tunesmith.optim.finetune.errors import StudentMissing
from tunesmith.optim.finetune.serving.asks import Answer, Ask, PromptTooLong
from tunesmith.optim.finetune.serving.chat_completions import ServedModels
from tunesmith.optim.finetune.serving.http import RunningServer, start_http

MESSAGES = [{"role": "system", "content": "label it"}, {"role": "user", "content": "a card"}]
CHAT = "/v1/chat/completions"


class Echo:
    """A backend that says what it was asked."""

    def answer(self, ask: Ask) -> Answer:
        last = ask.messages[-1].content
        if last == "long":
            raise PromptTooLong(9000, 2048)
        if last == "gone":
            raise StudentMissing(Path("/x"), "its weights are gone")
        if last == "bug":
            raise RuntimeError("boom")
        text = f"{last}|{ask.max_tokens}|{ask.temperature}|{ask.top_p}|{ask.stop}|{ask.seed}|{ask.task}"
        return Answer(text=text, finish="stop", prompt_tokens=7, cached_tokens=3, completion_tokens=2)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    running = start_http(Echo(), ServedModels(tasks={"s/one": 0, "s/two": 1}, max_tokens=50), token="secret")
    yield running
    running.stop()


def ask(
    server: RunningServer, path: str, body: Any = None, *, token: str | None = "secret", host: str | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and body of one request: GET without a body, otherwise POST."""
    connection = http.client.HTTPConnection("127.0.0.1", server.native.server_port, timeout=30)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    if host is not None:
        headers["Host"] = host
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("GET" if body is None else "POST", path, content, headers)
    answer = connection.getresponse()
    said = answer.status, json.loads(answer.read())
    connection.close()
    return said


def test_a_completion_has_openais_shape(server: RunningServer) -> None:
    status, body = ask(server, CHAT, {"model": "s/two", "messages": MESSAGES})
    assert status == 200
    assert body["object"] == "chat.completion"
    assert body["model"] == "s/two"
    message = {"role": "assistant", "content": "a card|50|0.0|1.0|[]|None|1"}
    assert body["choices"] == [{"index": 0, "message": message, "finish_reason": "stop"}]
    assert body["usage"]["total_tokens"] == 9
    assert body["usage"]["prompt_tokens_details"] == {"cached_tokens": 3}


@pytest.mark.parametrize(
    ("settings", "heard"),
    [
        ({"max_tokens": 5, "temperature": 0.5, "top_p": 0.9, "stop": "\n", "seed": 3}, "5|0.5|0.9|['\\n']|3|0"),
        ({"max_completion_tokens": 6, "stop": ["a", "b"], "n": 1, "stream": False}, "6|0.0|1.0|['a', 'b']|None|0"),
        ({"temperature": None, "unknown": 1}, "50|0.0|1.0|[]|None|0"),
    ],
)
def test_settings_reach_the_model(server: RunningServer, settings: dict[str, Any], heard: str) -> None:
    _, body = ask(server, CHAT, {"model": "s/one", "messages": MESSAGES, **settings})
    assert body["choices"][0]["message"]["content"] == f"a card|{heard}"


@pytest.mark.parametrize(
    ("messages", "heard"),
    [
        ([{"role": "user", "content": [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]}], "a b"),
        ([*MESSAGES, {"role": "assistant", "content": "[[ ## label"}], "a card"),
    ],
)
def test_messages_are_read_as_text(server: RunningServer, messages: Any, heard: str) -> None:
    _, body = ask(server, CHAT, {"model": "s/one", "messages": messages})
    assert body["choices"][0]["message"]["content"].split("|")[0] == heard


def one(text: str) -> dict[str, Any]:
    return {"model": "s/one", "messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize(
    ("path", "body", "others", "status", "words"),
    [
        ("/health", None, {"token": None}, 200, ""),
        ("/v1/models", None, {}, 200, ""),
        ("/v1/models", None, {"token": None}, 401, "Bearer TOKEN"),
        ("/v1/models", None, {"token": "wrong"}, 401, "Bearer TOKEN"),
        (CHAT, one("x"), {"token": "sécret"}, 401, "Bearer TOKEN"),
        ("/health", None, {"host": "example.org"}, 403, "loopback only"),
        (CHAT, one("x"), {"host": "127.0.0.1.example.org:80"}, 403, "loopback only"),
        ("/health", None, {"host": "localhost:1"}, 200, ""),
        ("/v1/completions", {}, {}, 404, "no POST /v1/completions"),
        (CHAT, None, {}, 404, "no GET"),
        (CHAT, b"{", {}, 400, "no chat completion request"),
        (CHAT, b"\xff", {}, 400, "no chat completion request"),
        (CHAT, [], {}, 400, "no chat completion request"),
        (CHAT, {"model": "s/one"}, {}, 400, "messages"),
        (CHAT, {"messages": []}, {}, 400, "at least one message"),
        (CHAT, {**one("x"), "stream": True}, {}, 400, "no stream"),
        (CHAT, {**one("x"), "tools": [{}]}, {}, 400, "no tools"),
        (CHAT, {**one("x"), "n": 2}, {}, 400, "n above 1"),
        (CHAT, {**one("x"), "temperature": -1}, {}, 400, "temperature"),
        (CHAT, {**one("x"), "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, {}, 400, "image_url"),
        (CHAT, {**one("x"), "model": "gpt"}, {}, 404, "s/one, s/two"),
        (CHAT, one("long"), {}, 400, "context of 2048"),
        (CHAT, one("gone"), {}, 500, "its weights are gone"),
        (CHAT, one("bug"), {}, 500, "boom"),
    ],
)
def test_answers_and_refusals(
    server: RunningServer, path: str, body: Any, others: dict[str, Any], status: int, words: str
) -> None:
    said, answer = ask(server, path, body, **others)
    assert said == status
    if status == 200:
        assert "error" not in answer
    else:
        assert words in answer["error"]["message"]
        assert answer["error"]["code"]


def test_a_body_beyond_all_measure_is_not_read(server: RunningServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.native.server_port, timeout=30)
    connection.putrequest("POST", CHAT)
    connection.putheader("Authorization", "Bearer secret")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.finetune
def test_a_process_serves_a_student_until_it_is_told_to_end(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    from support.students.tiny_students import tiny_student

    folder, _ = tiny_student(tmp_path, "t5", "prompt", tasks=["first", "second"])
    command = [sys.executable, "-m", "tunesmith.optim.finetune.serving", str(folder), "--token", "mine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        announced = json.loads(process.stdout.readline())
        assert announced["token"] == "mine"
        port = int(announced["url"].split(":")[2].removesuffix("/v1"))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        headers = {"Authorization": "Bearer mine"}
        connection.request("GET", "/v1/models", headers=headers)
        names = [model["id"] for model in json.loads(connection.getresponse().read())["data"]]
        assert [name.rpartition("/")[2] for name in names] == ["first", "second"]
        connection.request("POST", CHAT, json.dumps({"model": names[1], "messages": MESSAGES}), headers)
        assert json.loads(connection.getresponse().read())["usage"]["completion_tokens"] > 0
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_folder_without_a_student_ends_in_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tunesmith.optim.finetune.serving", str(tmp_path / "none")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert ended.returncode == 1
    assert "there is no such folder" in ended.stderr
    assert "Traceback" not in ended.stderr
