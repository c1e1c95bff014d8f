"""The page's server: who may ask, and what comes back."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tunesmith.server.results_page import ResultsAnswers, RunningPage, serve_page
from tunesmith.server.results_page.bundle import PageFile, PageNotBuilt, read_bundle

FILES = {"/": PageFile(b"<!doctype html>", "text/html; charset=utf-8")}


@pytest.fixture
def page(answers: ResultsAnswers) -> Iterator[RunningPage]:
    page = serve_page(answers, FILES)
    yield page
    page.stop()


def ask(
    page: RunningPage, path: str, body: Any = None, *, method: str = "POST", **headers: str
) -> tuple[int, Any, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", page.native.server_port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), named)
        answer = connection.getresponse()
        text = answer.read()
        plain = json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else text
        return answer.status, plain, answer.headers
    finally:
        connection.close()


def open_session(page: RunningPage) -> str:
    status, answer, _ = ask(page, "/session", {"token": page.access.token})
    assert status == 200
    return f"Bearer {answer['session']}"


def test_the_token_is_taken_once(page: RunningPage) -> None:
    token = page.access.token
    assert page.link("run-1") == f"{page.address}#token={token}&run=run-1"
    session = open_session(page)
    status, listed, _ = ask(page, "/results/list", {}, Authorization=session)
    assert (status, [run["run_id"] for run in listed["runs"]]) == (200, ["tune", "search", "boot"])
    again, refusal, _ = ask(page, "/session", {"token": token})
    assert again == 403
    assert "used before" in refusal["message"]
    assert ask(page, "/results/list", {}, Authorization=session)[0] == 200


def test_the_page_itself_holds_nothing_and_runs_nothing_foreign(page: RunningPage) -> None:
    status, body, headers = ask(page, "/", method="GET")
    assert (status, body) == (200, b"<!doctype html>")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/results/list", "POST", {}, 401),
        ("/results/list", "POST", {"Authorization": "Bearer wrong"}, 401),
        ("/results/list", "POST", {"Host": "evil.example"}, 403),
        ("/results/list", "POST", {"Host": "127.0.0.1.evil.example"}, 403),
        ("/results/list", "POST", {"Origin": "http://evil.example"}, 403),
        ("/results/list", "POST", {"Origin": "null"}, 403),
        ("/results/list", "POST", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("/results/list", "POST", {"Sec_Fetch_Site": "same-site"}, 403),
        ("/", "GET", {"Host": "evil.example"}, 403),
        ("/", "GET", {"Origin": "http://127.0.0.1:1"}, 403),
        ("/../pyproject.toml", "GET", {}, 404),
        ("/run.sqlite", "GET", {}, 404),
    ],
)
def test_refused(page: RunningPage, path: str, method: str, headers: dict[str, str], status: int) -> None:
    got, answer, _ = ask(page, path, {} if method == "POST" else None, method=method, **headers)
    assert got == status
    assert answer["message"]


def test_a_wrong_token_is_refused_and_the_right_one_still_works(page: RunningPage) -> None:
    assert ask(page, "/session", {"token": "guessed"})[0] == 403
    assert ask(page, "/session", {"token": "ü"})[0] == 403
    assert open_session(page)


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/results/run", {"run_id": "none"}, 404, "no run none"),
        ("/results/run", {}, 400, "run_id"),
        ("/results/secrets", {}, 404, "no results/secrets"),
        ("/results/run", {"run_id": "x" * 70_000}, 413, "too long"),
    ],
)
def test_questions_that_do_not_fit(page: RunningPage, path: str, body: Any, status: int, words: str) -> None:
    got, answer, _ = ask(page, path, body, Authorization=open_session(page))
    assert got == status
    assert words in answer["message"]


def test_a_page_that_was_not_built(tmp_path: Any) -> None:
    with pytest.raises(PageNotBuilt, match="make page"):
        read_bundle(tmp_path)


def test_a_built_page_is_its_files_alone(tmp_path: Any) -> None:
    for name in ("index.html", "page.js", "page.css", "icon.svg", "secret.txt"):
        (tmp_path / name).write_text(name)
    files = read_bundle(tmp_path)
    assert sorted(files) == ["/", "/icon.svg", "/index.html", "/page.css", "/page.js"]
    assert files["/"].body == b"index.html"
    assert files["/page.js"].media_type == "text/javascript; charset=utf-8"
