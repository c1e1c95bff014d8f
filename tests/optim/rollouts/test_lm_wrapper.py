"""The LM wrapper: replay, budget, stop, retries, ledger; sync and async."""

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import dspy
import pytest
from dspy.utils.exceptions import LMAuthError, LMRateLimitError, LMServerError

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim.errors import RunStopped
from tunesmith.optim.rollouts import Run
from tunesmith.optim.rollouts.lm import is_wrapped, sampling_afresh
from tunesmith.optim.rollouts.rollout_context import SETTING, RolloutContext
from tunesmith.protocol import Budget
from tunesmith.protocol.store import RunStore

Ask = Callable[[Any, str], Any]


def sync_ask(lm: Any, text: str) -> Any:
    return lm(text)


def async_ask(lm: Any, text: str) -> Any:
    return asyncio.run(lm.acall(text))


@pytest.fixture(params=[sync_ask, async_ask], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    return request.param


@pytest.fixture
def store() -> RunStore:
    return RunStore.memory()


def echo() -> ScriptedLM:
    return ScriptedLM(lambda asked: {"answer": asked.upper()})


def in_rollout(key: str = "rollout") -> Any:
    return dspy.context(**{SETTING: RolloutContext(key, key)})


def test_the_wrapper_is_an_lm_of_the_same_class_made_once(store: RunStore) -> None:
    run, lm = Run(store), echo()
    wrapped: Any = run.wrap(lm)
    assert isinstance(wrapped, ScriptedLM)
    assert type(wrapped).__qualname__ == type(lm).__qualname__
    assert wrapped.supports_function_calling == lm.supports_function_calling
    assert is_wrapped(wrapped)
    assert not is_wrapped(lm)
    assert run.wrap(lm) is wrapped
    assert run.wrap(wrapped) is wrapped


def test_a_call_is_committed_before_it_is_answered_and_never_made_again(store: RunStore, ask: Ask) -> None:
    lm = echo()
    for _ in range(2):  # the second execution finds it in the store
        with in_rollout():
            assert "HELLO" in ask(Run(store).wrap(lm), "hello")[0]
    assert lm.asked == ["hello"]
    assert store.totals().calls == 1


def test_equal_requests_of_one_rollout_are_different_calls(store: RunStore, ask: Ask) -> None:
    answers = iter("abc")
    lm = ScriptedLM(lambda _: {"answer": next(answers)})
    run = Run(store)
    with in_rollout():
        first = [ask(run.wrap(lm), "same") for _ in range(2)]
    with in_rollout():
        again = [ask(run.wrap(lm), "same") for _ in range(2)]
    with in_rollout("another rollout"):
        other = ask(run.wrap(lm), "same")
    assert "a" in first[0][0]
    assert "b" in first[1][0]
    assert again == first
    assert "c" in other[0]


def test_history_is_kept_where_the_user_looks_for_it(store: RunStore, ask: Ask) -> None:
    lm = echo()
    ask(Run(store).wrap(lm), "hello")
    assert lm.history[-1]["prompt"] == "hello"


def test_without_history_the_cost_is_known_all_the_same(store: RunStore, ask: Ask) -> None:
    lm = echo()
    with dspy.context(disable_history=True), in_rollout():
        ask(Run(store).wrap(lm), "hello")
    assert lm.history == []
    assert store.totals().usd == 0.0  # a dummy costs nothing, and that is known


def test_usage_reaches_the_users_own_tracker(store: RunStore, ask: Ask) -> None:
    seen: list[str] = []

    class Tracker:
        def add_usage(self, lm: str, usage_entry: dict[str, Any]) -> None:
            seen.append(lm)

    with dspy.context(usage_tracker=Tracker()):
        ask(Run(store).wrap(echo()), "hello")
    assert seen == ["scripted"]


def test_a_cancelled_run_makes_no_call(store: RunStore, ask: Ask) -> None:
    lm, run = echo(), Run(store)
    run.cancel("enough")
    with pytest.raises(RunStopped, match="enough"):
        ask(run.wrap(lm), "hello")
    assert lm.asked == []


def test_a_cancelled_run_still_replays(store: RunStore, ask: Ask) -> None:
    lm = echo()
    with in_rollout():
        ask(Run(store).wrap(lm), "hello")
    run = Run(store)
    run.cancel("enough")
    with in_rollout():
        assert "HELLO" in ask(run.wrap(lm), "hello")[0]


def test_the_cap_on_calls_counts_earlier_executions_and_is_never_exceeded(store: RunStore) -> None:
    lm = echo()
    sync_ask(Run(store).wrap(lm), "an earlier execution")
    run = Run(store, budget=Budget(max_calls=5))
    wrapped = run.wrap(lm)
    barrier = threading.Barrier(8)

    def hammer(name: int) -> None:
        barrier.wait()
        for i in range(4):
            with in_rollout(f"{name} {i}"):
                try:
                    sync_ask(wrapped, f"{name} {i}")
                except RunStopped:
                    return

    threads = [threading.Thread(target=hammer, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lm.asked) == 5
    assert run.stopped == "budget met: 5 LM calls"
    assert store.totals().calls == 5


def test_the_cap_on_seconds_stops(store: RunStore) -> None:
    run = Run(store, budget=Budget(max_seconds=0))
    with pytest.raises(RunStopped, match="0 seconds"):
        sync_ask(run.wrap(echo()), "hello")


def failing(*errors: Exception) -> ScriptedLM:
    left = list(errors)

    def answer(asked: str) -> dict[str, str]:
        if left:
            raise left.pop(0)
        return {"answer": "at last"}

    return ScriptedLM(answer, num_retries=3)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(Run, "wait", lambda _self, seconds: waited.append(seconds))
    return waited


@pytest.mark.parametrize(
    ("errors", "waited"),
    [
        ([LMRateLimitError("slow down")], [1.0]),
        ([LMServerError("busy")] * 3, [1.0, 2.0, 4.0]),
        ([LMRateLimitError("slow down", retry_after=7.5)], [7.5]),
        ([ConnectionResetError("gone")], [1.0]),
    ],
)
def test_what_passes_is_retried(
    store: RunStore, ask: Ask, waits: list[float], errors: list[Exception], waited: list[float]
) -> None:
    lm = failing(*errors)
    assert "at last" in ask(Run(store).wrap(lm), "hello")[0]
    assert waits == waited
    assert len(lm.asked) == len(errors) + 1
    assert store.totals().calls == 1  # only what was answered is paid


@pytest.mark.parametrize(
    ("errors", "calls"),
    [
        ([LMAuthError("no key")], 1),  # waiting does not help
        ([LMRateLimitError("slow down")] * 9, 4),  # the first try and the LM's own number of retries, not their square
        ([LMRateLimitError("come back tomorrow", retry_after=86_400)], 1),
    ],
)
def test_what_does_not_pass_is_raised(
    store: RunStore, ask: Ask, waits: list[float], errors: list[Exception], calls: int
) -> None:
    lm = failing(*errors)
    with pytest.raises(type(errors[0])):
        ask(Run(store).wrap(lm), "hello")
    assert len(lm.asked) == calls
    assert store.totals().calls == 0


def test_a_failed_call_gives_its_place_in_the_budget_back(store: RunStore, waits: list[float]) -> None:
    run = Run(store, budget=Budget(max_calls=1))
    wrapped = run.wrap(failing(LMAuthError("no key")))
    with pytest.raises(LMAuthError):
        sync_ask(wrapped, "hello")
    assert "at last" in sync_ask(wrapped, "hello")[0]


def test_a_cancel_ends_the_wait_before_a_retry(store: RunStore) -> None:
    run = Run(store)

    def answer(asked: str) -> dict[str, str]:
        run.cancel("enough")
        raise LMRateLimitError("slow down", retry_after=50)

    with pytest.raises(RunStopped):
        sync_ask(run.wrap(ScriptedLM(answer, num_retries=3)), "hello")


def test_an_outage_is_noted_for_the_rollout(store: RunStore, waits: list[float]) -> None:
    with in_rollout():
        context = dspy.settings.get(SETTING)
        with pytest.raises(LMServerError):
            sync_ask(Run(store).wrap(failing(*[LMServerError("down")] * 9)), "hello")
    assert isinstance(context.outage, LMServerError)


def test_sampling_afresh_is_another_call_made_once(store: RunStore) -> None:
    run, lm = Run(store), echo()
    wrapped = run.wrap(lm)
    fresh = sampling_afresh(wrapped, 1)
    assert fresh.kwargs["rollout_id"] == 1
    assert fresh.kwargs["temperature"] == 1.0
    assert sampling_afresh(wrapped, 1) is fresh
    assert sampling_afresh(wrapped, 0) is wrapped
    with in_rollout():
        sync_ask(wrapped, "hello")
    with in_rollout():
        sync_ask(fresh, "hello")
    assert len(lm.asked) == 2


def test_secrets_stay_out_of_the_store(tmp_path: Any) -> None:
    lm = echo()
    lm.kwargs.update(
        api_key="sk-secret", api_base="http://10.0.0.9/secret", extra_headers={"x": "sk-secret"}, max_tokens=7
    )
    with RunStore.open(tmp_path) as store, in_rollout():
        wrapped: Any = Run(store).wrap(lm)
        wrapped("hi", hf_token="sk-secret")
        call = store.call(dspy.settings.get(SETTING).calls_outside[0])
    assert call is not None
    assert call.request["max_tokens"] == 7
    for file in tmp_path.iterdir():
        assert b"secret" not in file.read_bytes()


def test_calls_from_threads_dspy_starts_belong_to_the_rollout(store: RunStore) -> None:
    lm = ScriptedLM(lambda asked: {"answer": field("question", asked)})
    run = Run(store)
    with in_rollout(), dspy.context(lm=run.wrap(lm)):
        context = dspy.settings.get(SETTING)
        predict = dspy.Predict("question -> answer")
        pairs = [(predict, dspy.Example(question=q).with_inputs("question")) for q in "abc"]
        dspy.Parallel(num_threads=3, disable_progress_bar=True)(pairs)
    assert len(context.calls_outside) == 3


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_legacy_lm_class_with_forward_is_priced_and_counted(store: RunStore, ask: Ask) -> None:
    class Legacy(dspy.BaseLM):
        def forward(self, prompt: Any = None, messages: Any = None, **kwargs: Any) -> Any:
            return SimpleNamespace(
                model="legacy",
                choices=[SimpleNamespace(message=SimpleNamespace(content="hello"), finish_reason="stop")],
                usage={"prompt_tokens": 10, "completion_tokens": 3},
                _hidden_params={"response_cost": 0.25},
            )

        async def aforward(self, prompt: Any = None, messages: Any = None, **kwargs: Any) -> Any:
            return self.forward(prompt, messages, **kwargs)

    run = Run(store, budget=Budget(max_usd=0.6))
    wrapped = run.wrap(Legacy("legacy"))
    for _ in range(2):
        assert ask(wrapped, "hi") == ["hello"]
    totals = run.totals()
    assert (totals.calls, totals.prompt_tokens, totals.completion_tokens, totals.usd) == (1, 10, 3, 0.25)
    ask(wrapped, "another")
    with pytest.raises(RunStopped, match=r"0\.6 USD"):
        ask(wrapped, "a third would cost as much as the dearest so far")
