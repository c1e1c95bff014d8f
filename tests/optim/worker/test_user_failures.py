"""User code that raises, leaves, crashes or never ends: it costs one run, and the user is told where."""

import os

import pytest

from tunesmith.protocol import CompileTarget, Printed, Warned

FAILURES = {
    "raises at import": ("\n\nraise ValueError('no data')", "ValueError: no data", "app.py:{last}"),
    "leaves": ("import sys\nsys.exit(3)", "The code called sys.exit(3).", "app.py:{last}"),
    "does not parse": ("def broken(:", "SyntaxError: invalid syntax", "app.py:{last}"),
    "needs a module": ("import not_installed_anywhere", "No module named 'not_installed_anywhere'", "app.py:{last}"),
    "recurses": ("def f(): f()\nf()", "calls itself without end", None),
    "class raises": ("class program(Classify):\n    def __init__(self): 1 / 0", "ZeroDivisionError", "app.py:{last}"),
    "metric raises": ("def metric(e, p, trace=None):\n    return e.no_such", "no_such", "app.py:{last}"),
    "metric gives nothing": ("def metric(e, p, trace=None): pass", "metric metric returned None", "app.py:{last}"),
    "forward raises": ("def forward(self, text): 1 / 0\nClassify.forward = forward", "ZeroDivision", "app.py:{before}"),
    "forward leaves": ("def forward(self, text): exit(1)\nClassify.forward = forward", "sys.exit(1)", None),
    "interrupts itself": ("raise KeyboardInterrupt", "interrupted", "app.py:{last}"),
    "no data": ("trainset = []", "`app:trainset` is empty", "pyproject.toml:7"),
    "secret in the message": ("raise ValueError('sk-abcdefghijklmnop')", "ValueError: [redacted]", "app.py:{last}"),
}  # fmt: skip


@pytest.mark.parametrize("why", FAILURES)
def test_failures(here, why):
    source, message, where = FAILURES[why]
    here.extend_app(source)
    outcome = here()
    assert outcome.status == "failed"
    assert message in outcome.error.message
    last = len((here.root / "app.py").read_text().splitlines())
    if where is not None:
        assert outcome.error.where == where.format(last=last, before=last - 1)
    assert outcome.error.traceback is None or "tunesmith" not in outcome.error.traceback
    assert "sk-abc" not in str(outcome)


def test_unlabelled_data_is_told(here):
    here.extend_app("trainset = [dspy.Example(text='a').with_inputs('text')]\ndef metric(e, p, trace=None): return 1")
    assert here().status == "finished"
    assert "holds more than its inputs" in next(event.message for event in here.events if isinstance(event, Warned))


@pytest.mark.parametrize("way", ["os._exit(7)", "os.kill(os.getpid(), 9)", "ctypes.string_at(0)"])
def test_the_process_dies(workers, way):
    """The daemon sees the process end; for a crash, standard error says where."""
    workers.extend_app(f"import os, ctypes\nprint('last words')\n{way}")
    worker = workers()
    with pytest.raises(EOFError):
        worker.run()
    assert worker.process.returncode != 0
    if "ctypes" in way:
        assert b'app.py", line' in worker.process.stderr.read()


def test_children(workers):
    """Forked and spawned children neither speak on the link nor hold it open."""
    workers.extend_app("""
        import multiprocessing, os, time
        def work(n):
            print("child", n)
            return n + 1
        if os.environ.get("MODE"):
            with multiprocessing.get_context(os.environ["MODE"]).Pool(1) as pool:
                assert pool.map(work, [1, 2]) == [2, 3]
    """)
    for run_id, mode in enumerate(["fork", "spawn"]):
        worker = workers(MODE=mode)
        if mode == "spawn":
            # Spawned children import app.py again, without making children of their own.
            workers.write({"app.py": (workers.root / "app.py").read_text().replace(
                'if os.environ.get("MODE")', 'if multiprocessing.parent_process() is None')})  # fmt: skip
        outcome = worker.run(run_id=str(run_id))
        assert outcome.status == "finished", outcome
        worker.hang_up()
        assert worker.process.wait() == 0


def test_a_child_that_outlives_the_worker(workers):
    workers.extend_app("""
        import os
        child = os.fork()
        if child == 0:
            import time
            time.sleep(600)
        print("child", child)
    """)
    worker = workers()
    assert worker.run().status == "finished"
    # End of file although the forked child still lives: it does not hold the link.
    assert worker.process.stdout.read() == b""
    assert worker.process.wait() == 0
    os.kill(int("".join(event.text for event in worker.of_kind(Printed)).split()[1]), 9)


@pytest.mark.parametrize(
    "loop", ["while True: pass", "import time; time.sleep(600)", "import threading; threading.Event().wait()"]
)
def test_an_endless_import_is_cancelled(workers, loop):
    workers.extend_app(f"print('looping', flush=True)\n{loop}")
    worker = workers()
    request = worker.start()
    worker.wait_for_event("printed", "looping")
    worker.cancel()
    assert worker.outcome(request).status == "cancelled"
    assert worker.process.wait() == 0


def test_user_code_has_the_main_thread(workers):
    workers.extend_app("""
        import asyncio, signal
        signal.signal(signal.SIGUSR1, lambda *_: None)
        assert asyncio.run(asyncio.sleep(0, "done")) == "done"
    """)
    assert workers().run().status == "finished"


def test_an_agreed_script(workers):
    workers.write({"train.py": """
        import argparse
        import dspy
        from app import Classify, metric, trainset

        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--take", type=int, required=True)
            train = trainset[: parser.parse_args().take]
            dspy.BootstrapFewShot(metric=metric).compile(Classify(), trainset=train)

        if __name__ == "__main__":
            main()
    """})  # fmt: skip
    target = CompileTarget(
        name="train", file="train.py", line=10, program=None, metric=None, trainset=None, valset=None,
        importable=False, arguments=["--take", "5"],
    )  # fmt: skip
    outcome = workers().run(target=target, confirmed_capture=True)
    assert outcome.report.baseline.n == 5
