"""The in-process engine: canonical requests in, canonical responses out; the model itself is scripted."""

from typing import Any

import dspy
import pytest

lm15 = pytest.importorskip("dspy.lm15", reason="this dspy has no engine seam")

from tunesmith.optim.adapters.dspy_api import GRAMMAR_KEY  # noqa: E402
from tunesmith.optim.local_lms import engine as engine_module  # noqa: E402 - it needs the seam
from tunesmith.optim.local_lms.engine import AsyncLocalEngine, LocalEngine  # noqa: E402

ANSWER = {
    "id": "chat-1",
    "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "fine"}}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 5}},
}


class FakeServer:
    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.bodies: list[dict[str, Any]] = []

    def chat(self, body: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(body)
        return self.answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    fake = FakeServer(ANSWER)
    monkeypatch.setattr(engine_module, "kept_server", lambda _: fake)
    return fake


def request(**config: Any) -> Any:
    return lm15.Request(
        model="local/smollm2-135m",
        system="Be brief.",
        messages=(lm15.Message.user("Hello?"),),
        config=lm15.Config(**config),
    )


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, {}),
        ({"temperature": 0.0, "max_tokens": 5}, {"temperature": 0.0, "max_tokens": 5}),
        ({"stop": ("\n",), "seed": 3}, {"stop": ["\n"], "seed": 3}),
        ({"extensions": {"metadata": {GRAMMAR_KEY: "root ::= x"}}}, {"grammar": "root ::= x"}),
        ({"extensions": {"metadata": {"trace": "1"}}}, {}),
    ],
)
def test_request_body(server: FakeServer, config: dict[str, Any], expected: dict[str, Any]) -> None:
    LocalEngine("smollm2-135m").complete(request(**config))
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}]
    assert server.bodies == [{"messages": messages, **expected}]


def test_response(server: FakeServer) -> None:
    response = LocalEngine("smollm2-135m").complete(request())
    assert response.message.text == "fine"
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.cache_read_tokens) == (9, 2, 5)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ({"type": "exceed_context_size_error", "code": 400, "message": "too long"}, lm15.ContextLengthError),
        ({"type": "invalid_request_error", "code": 400, "message": "bad grammar"}, lm15.InvalidRequestError),
        ({"type": "server_error", "code": 500, "message": "broken"}, lm15.ServerError),
    ],
)
def test_errors(server: FakeServer, error: dict[str, Any], raised: type[Exception]) -> None:
    server.answer = {"error": error}
    with pytest.raises(raised, match=f"smollm2-135m: {error['message']}"):
        LocalEngine("smollm2-135m").complete(request())


def test_what_it_cannot_do_is_refused(server: FakeServer) -> None:
    tool = lm15.FunctionTool(name="search", description="", parameters={"type": "object", "properties": {}})
    with pytest.raises(lm15.UnsupportedFeatureError, match="tools"):
        LocalEngine("x").complete(lm15.Request(model="m", messages=(lm15.Message.user("Hi"),), tools=(tool,)))
    with pytest.raises(lm15.UnsupportedFeatureError, match="probabilities"):
        LocalEngine("x").complete(request(logprobs=0))
    assert not server.bodies


async def test_both_ways_through_dspy(server: FakeServer) -> None:
    lm = dspy.LM("local/x", engine=LocalEngine("x"), async_engine=AsyncLocalEngine("x"), cache=False)
    assert lm("Hello?") == ["fine"]
    assert await lm.acall("Hello?") == ["fine"]
    assert len(server.bodies) == 2


def test_a_program_that_carries_it_can_be_saved_and_copied() -> None:
    lm = dspy.LM("local/smollm2-135m", engine=LocalEngine("smollm2-135m"))
    state = lm.dump_state()
    assert dspy.LM.load_state(state, allow_custom_lm_class=True).engine.name == "smollm2-135m"
    program = dspy.Predict("question -> answer")
    program.lm = lm
    assert program.deepcopy().lm.engine.name == "smollm2-135m"
