"""The embedded model answering the bundled example: with kept prefixes and constraints, and without both.

Ours: the server as it runs for users, and `ConstrainedAdapter`. The peer: the same calls in the same order on a
server with one slot and no memory of earlier prompts, so that the two predictors' prompts displace each other, and
answers as free text in ChatAdapter's format.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.measurement import Measurement
from tunesmith.protocol.models import fetched_path, find_model

MODEL = "smollm2-135m"
DEMOS = 4
WORKSPACE = Path(str(files("tunesmith.server.demo"))) / "workspace"


def measure(*, quick: bool) -> list[Measurement]:
    import dspy

    from tunesmith.optim.adapters import ConstrainedAdapter
    from tunesmith.optim.local_lms import serve

    messages = [row["message"] for row in rows("held_out.jsonl")][: 4 if quick else 20]
    program = demonstrated_program()
    with serve(MODEL) as server:
        ours = calls_per_second(program, messages, lm(server.api_base, server.api_key), ConstrainedAdapter())
    with forgetful_server() as address:
        plain = dspy.ChatAdapter(use_json_adapter_fallback=False)
        peer = calls_per_second(program, messages, lm(f"{address}/v1", "none"), plain)
    return [
        Measurement(
            "embedded model, two predictors in turn",
            ours,
            peer,
            "calls/s",
            "no kept prefixes, free text",
            "ratio above 2",
        )
    ]


def calls_per_second(program: Any, messages: list[str], lm: Any, adapter: Any) -> float:
    import dspy

    with dspy.context(lm=lm, adapter=adapter):
        ask(program, messages[0])  # loads the model's pages, and reads the prefixes once
        before, started = len(lm.history), time.perf_counter()
        for message in messages:
            ask(program, message)
        seconds = time.perf_counter() - started
    return (len(lm.history) - before) / seconds


def ask(program: Any, message: str) -> None:
    from dspy.utils.exceptions import AdapterParseError

    with suppress(AdapterParseError):  # free text misses the format now and then
        program(message=message)


def demonstrated_program() -> Any:
    """The example's program with labelled demonstrations."""
    sys.path.insert(0, str(WORKSPACE))
    try:
        import dspy
        from bike_desk import BikeDesk
    finally:
        sys.path.remove(str(WORKSPACE))
    program = BikeDesk()
    for predictor in program.predictors():
        predictor.demos = [dspy.Example(**row) for row in rows("train.jsonl")[:DEMOS]]
    return program


def lm(api_base: str, api_key: str) -> Any:
    import dspy

    made = dspy.LM(f"openai/{MODEL}", api_base=api_base, api_key=api_key, temperature=0.0, max_tokens=32, cache=False)
    made.is_local = True
    return made


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (WORKSPACE / "data" / name).read_text(encoding="utf-8").splitlines()]


@contextmanager
def forgetful_server() -> Iterator[str]:
    import xllamacpp

    from tunesmith.optim.local_lms.server import SLOT_TOKENS, compute_threads

    params = xllamacpp.CommonParams()
    params.model.path = str(fetched_path(find_model(MODEL)))
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.verbosity = -1
    params.n_parallel = 1
    params.n_ctx = SLOT_TOKENS
    params.cache_ram_mib = 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = compute_threads()
    server = xllamacpp.Server(params)
    yield server.listening_address
