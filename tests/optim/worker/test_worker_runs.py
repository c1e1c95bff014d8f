"""Whole runs in a real process: outcomes, artifacts, resumption."""

import json
import os

import pytest

from tunesmith.protocol import ArtifactReport, Budget, Printed, StatusChanged, Totals, Warned, decode
from tunesmith.protocol.store import open_reader

LOGGED_LM = """
    import os, time
    class LoggedLM(DummyLM):
        '''Writes every call to calls.log; stands still at `text 5` until there is a file `go`.'''
        def __call__(self, prompt=None, messages=None, **kwargs):
            text = messages[-1]["content"].split("\\n")[1]
            with open("calls.log", "a") as log:
                log.write(text + "\\n")
            if text == "text 5" and not os.path.exists("go"):
                print("standing still")
                time.sleep(600)
            return super().__call__(prompt=prompt, messages=messages, **kwargs)

    dspy.configure(lm=LoggedLM([{"label": "yes"}] * 1000))
"""


def calls(workers):
    return (workers.root / "calls.log").read_text().split("\n")[:-1]


def test_evaluate(workers):
    worker = workers()
    outcome = worker.run()
    assert outcome.status == "finished"
    assert outcome.report.baseline.score == 1
    assert (outcome.report.calls, outcome.report.artifact) == (8, None)
    assert [event.status for event in worker.of_kind(StatusChanged)] == ["running", "finished"]
    assert worker.process.wait() == 0
    with open_reader(workers.root / "runs" / "run") as store:
        left = store.status()
        assert left is not None
        assert left.status == "finished"
        assert store.totals() == Totals(
            calls=8, prompt_tokens=0, completion_tokens=0, usd=0, seconds=store.totals().seconds
        )


def test_tune(here):
    """The model answers right where it is shown demos, so demos are a gain, and ship."""
    here.extend_app("""
        class NeedsDemos(DummyLM):
            def __call__(self, prompt=None, messages=None, **kwargs):
                knows = len(messages) > 2 or messages[-1]["content"].split("\\n")[1].endswith("0")
                return [f"[[ ## label ## ]]\\n{'yes' if knows else 'no'}\\n\\n[[ ## completed ## ]]"]
        dspy.configure(lm=NeedsDemos([]))
        trainset = [dspy.Example(text=f"text {i}", label="yes").with_inputs("text") for i in range(60)]
    """)
    outcome = here(optimizer="bootstrap-fewshot", threads=1, options={"max_labeled_demos": 0})
    assert outcome.error is None
    assert (outcome.status, outcome.report.gain.verdict) == ("finished", "confirmed")
    run_dir = here.root / "runs" / "run"
    assert outcome.report.artifact == str(run_dir / "program.json")
    report = decode((run_dir / "report.json").read_bytes(), ArtifactReport)
    assert report.report == outcome.report
    assert (report.literal_demos, report.predictors) == (True, ["predict"])
    state = json.loads((run_dir / "program.json").read_text())
    assert [choice.values for choice in report.demos] == [
        {name: value for name, value in demo.items() if name != "augmented"} for demo in state["predict"]["demos"]
    ]
    assert state["predict"]["lm"] is None


def test_search(here):
    """The model answers right where its instruction says "alone", so an instruction is a gain, and ships."""
    here.extend_app("""
        class NeedsBrevity(DummyLM):
            def __call__(self, prompt=None, messages=None, **kwargs):
                if prompt is not None:
                    return ["I have no idea."]
                knows = "alone" in messages[0]["content"] or messages[-1]["content"].split("\\n")[1].endswith("0")
                return [f"[[ ## label ## ]]\\n{'yes' if knows else 'no'}\\n\\n[[ ## completed ## ]]"]
        dspy.configure(lm=NeedsBrevity([]))
        trainset = [dspy.Example(text=f"text {i}", label="yes").with_inputs("text") for i in range(60)]
    """)
    outcome = here(optimizer="mipro-v2", threads=1, options={"max_program_calls": 300})
    assert outcome.error is None
    assert (outcome.status, outcome.report.gain.verdict) == ("finished", "confirmed")
    assert outcome.report.searched
    run_dir = here.root / "runs" / "run"
    report = decode((run_dir / "report.json").read_bytes(), ArtifactReport)
    state = json.loads((run_dir / "program.json").read_text())
    (choice,) = report.instructions
    assert (choice.predictor, choice.after) == ("predict", state["predict"]["signature"]["instructions"])
    assert "alone" in choice.after
    assert (run_dir / "study.journal").exists()
    with open_reader(run_dir) as store:
        search = store.search()
    assert search is not None
    assert search.measured[0].probability > 0.95


def test_a_search_without_a_gain_keeps_the_baseline(here):
    outcome = here(optimizer="mipro-v2", options={"max_program_calls": 60})
    assert (outcome.status, outcome.report.gain.verdict, outcome.report.artifact) == ("finished", "no gain", None)


def test_no_gain_keeps_the_baseline(here):
    outcome = here(optimizer="bootstrap-fewshot")
    assert (outcome.status, outcome.report.gain.verdict, outcome.report.artifact) == ("finished", "no gain", None)
    assert not (here.root / "runs" / "run" / "program.json").exists()


def test_one_example_cannot_be_split(here):
    here.extend_app("trainset = trainset[:1]")
    assert "cannot both teach and test" in here(optimizer="bootstrap-fewshot").error.message
    assert "cannot both teach and test" in here(run_id="search", optimizer="mipro-v2").error.message


def test_unknown_option(here):
    outcome = here(optimizer="bootstrap-fewshot", options={"max_demos": 3})
    assert outcome.error.message == "bootstrap-fewshot has no option max_demos."
    assert "max_bootstrapped_demos" in outcome.error.next_step


def test_killed_and_resumed(workers):
    workers.extend_app(LOGGED_LM)
    first = workers()
    first.start(threads=1)
    first.wait_for_event("printed", "standing still")
    first.end()
    assert calls(workers) == [f"text {i}" for i in range(6)]
    (workers.root / "go").touch()
    outcome = workers().run(threads=1)
    assert (outcome.status, outcome.report.calls, outcome.report.baseline.n) == ("finished", 8, 8)
    assert calls(workers)[6:] == ["text 5", "text 6", "text 7"]


STOPPED_AT = (6, 7)
"""Of eight calls. The sixth is in flight when the run is told to stop; one more may begin before it hears of it."""


def test_the_daemon_is_lost(workers):
    workers.extend_app(LOGGED_LM.replace("time.sleep(600)", "os.read(os.open('fifo', os.O_RDONLY), 1)"))
    os.mkfifo(workers.root / "fifo")
    worker = workers()
    worker.start(threads=1)
    worker.wait_for_event("printed", "standing still")
    worker.hang_up()
    (workers.root / "fifo").write_bytes(b"x")
    assert worker.process.wait() == 0
    with open_reader(workers.root / "runs" / "run") as store:
        left = store.status()
        assert left is not None
        assert left.status == "interrupted"
        assert len(store.calls()) in STOPPED_AT


def test_cancelled_while_running(workers):
    workers.extend_app(LOGGED_LM.replace("time.sleep(600)", "os.read(os.open('fifo', os.O_RDONLY), 1)"))
    os.mkfifo(workers.root / "fifo")
    worker = workers()
    request = worker.start(threads=1)
    worker.wait_for_event("printed", "standing still")
    worker.cancel()
    (workers.root / "fifo").write_bytes(b"x")
    outcome = worker.outcome(request)
    assert outcome.status == "cancelled"
    assert outcome.report.baseline.n in STOPPED_AT


CHANGES = {
    "program": (
        "program.predict.signature = program.predict.signature.with_instructions('Be kind.')",
        "The program",
        8,
    ),
    "metric": ("def metric(example, prediction, trace=None):\n    return 1.0", "The metric", 0),
    "trainset": ("trainset = trainset[:4]", "The training data", 0),
}


@pytest.mark.parametrize("what", CHANGES)
def test_resumed_after_a_change(here, what):
    """Refused, with an offer to start anew; the new run pays only for what is not valid any more.

    Another metric judges the same answers: no call is made again, and every rollout still shows its calls.
    """
    source, name, calls = CHANGES[what]
    here(threads=1)
    here.extend_app(source)
    error = here(threads=1).error
    assert error.message == f"{name} changed since this run started, so it cannot be continued."
    assert error.next_step.endswith("`tunesmith evaluate classify --reuse run`.")
    anew = here(run_id="second", threads=1, reuse_from=str(here.root / "runs" / "run"))
    assert (anew.status, anew.report.calls) == ("finished", calls)
    with open_reader(here.root / "runs" / "second") as reader:
        assert all(reader.calls(rollout=rollout.key) for rollout in reader.rollouts())


def test_resumed_without_a_change(here):
    assert here().report.baseline == here().report.baseline
    assert here().report.calls == 8


def test_budget(here):
    outcome = here(threads=1, budget=Budget(max_calls=3))
    assert (outcome.status, outcome.report.calls, outcome.report.baseline.n) == ("finished", 3, 3)
    assert "3 LM calls" in [event.message for event in here.events if isinstance(event, Warned)][-1]


def test_no_language_model(here):
    here.extend_app("dspy.configure(lm=None)")
    error = here().error
    assert error.message == "No language model is configured."
    assert all(way in error.next_step for way in ("[tool.tunesmith] lm", "--lm", "dspy.configure"))


def test_a_predictor_may_bring_its_own(here):
    here.extend_app("lm = dspy.settings.lm\ndspy.configure(lm=None)\nprogram.predict.lm = lm")
    assert here().status == "finished"


def test_a_key_that_is_not_set(here, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    outcome = here(lm="openai/gpt-4o-mini")
    assert outcome.status == "needs credentials"
    assert "OPENAI_API_KEY is not set" in outcome.error.message


def test_a_key_that_is_refused(here):
    here.extend_app("""
        class Refusing(DummyLM):
            def __call__(self, prompt=None, messages=None, **kwargs):
                import litellm
                raise litellm.AuthenticationError("wrong key sk-abcdefghijklmnop", "openai", "openai/gpt-4o-mini")
        dspy.configure(lm=Refusing([]))
    """)
    outcome = here()
    assert outcome.status == "needs credentials", outcome.error
    assert "OPENAI_API_KEY" in outcome.error.next_step
    assert "sk-abc" not in str(outcome)


def test_a_dead_endpoint(here):
    here.extend_app(
        "dspy.configure(lm=dspy.LM('openai/x', api_base='http://127.0.0.1:9/v1', api_key='x', num_retries=0))"
    )
    error = here(threads=1).error
    assert "resume the run" in error.next_step


def test_a_corrupt_store_is_kept_aside(here):
    run_dir = here.root / "runs" / "run"
    run_dir.mkdir(parents=True)
    (run_dir / "run.sqlite").write_bytes(b"this is no database" * 500)
    assert here().status == "finished"
    warnings = [event.message for event in here.events if isinstance(event, Warned)]
    assert str(next(run_dir.glob("run.corrupt-*.sqlite"))) in warnings[0]


def test_a_folder_that_cannot_be_written(here):
    (here.root / "runs").write_text("a file")
    outcome = here()
    assert outcome.status == "failed"
    assert "cannot be written" in outcome.error.message


def test_prints_come_before_the_outcome(workers):
    workers.extend_app("""
        import os, subprocess, sys
        print("from python")
        print("to errors", file=sys.stderr)
        os.write(1, b"from below\\n")
        subprocess.run([sys.executable, "-c", "print('from a child')"])
        assert sys.stdin.read() == ""
        os.environ["MY_API_KEY"] = "secret-value-1"
        print("key: secret-value-1")
    """)
    worker = workers()
    assert worker.run().status == "finished"
    text = {name: "".join(e.text for e in worker.of_kind(Printed) if e.stream == name) for name in ("stdout", "stderr")}
    assert text["stdout"] == "from python\nfrom below\nfrom a child\nkey: [redacted]\n"
    assert "to errors\n" in text["stderr"]


def test_a_flood_of_prints(workers):
    workers.extend_app("""
        for _ in range(300):
            print("x" * 99_999)
    """)
    worker = workers()
    assert worker.run().status == "finished"
    assert sum(len(event.text) for event in worker.of_kind(Printed)) == 256 * 1024
    (warning,) = worker.of_kind(Warned)
    assert "the rest is dropped" in warning.message
    assert max(len(event.text) for event in worker.of_kind(Printed)) <= 8 * 1024
