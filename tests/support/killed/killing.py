"""Killing a run again and again until it is through, and what it did meanwhile."""

import json
import multiprocessing
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunesmith.protocol.store import open_reader


def kill_until_done(
    execute: Callable[..., None], folder: Path, *, preload: list[str], threads: int, kills: int, most_calls: int
) -> Any:
    """Its result. `execute(result, run_dir, log, told, threads)` runs in a process of its own that is killed up to
    `kills` times, each time after at most `most_calls` further LM calls; no call that was committed may be made again.
    """
    draw = random.Random(threads)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(preload)
    result, log = folder / "result", folder / "log"
    killed = 0
    for _ in range(4 * kills):
        committed = committed_requests(folder / "run")
        before = len(log.read_text().splitlines()) if log.exists() else 0
        receiving, sending = processes.Pipe(duplex=False)
        process = processes.Process(target=execute, args=(result, folder / "run", log, sending, threads))
        process.start()
        sending.close()
        with receiving:
            if killed < kills and saw_calls(receiving.fileno(), draw.randint(1, most_calls)):
                process.kill()
                killed += 1
            else:
                saw_calls(receiving.fileno(), 10**6)
        process.join()
        made = [json.loads(line) for line in log.read_text().splitlines()[before:]]
        assert [messages for messages in made if messages in committed] == []
        if result.exists():
            break
    # A slow kill lets a run get further than it was meant to, and end with fewer.
    assert killed > kills // 4
    return json.loads(result.read_text())


def undisturbed(execute: Callable[[Path, Path, int, int], Any], folder: Path, threads: int) -> Any:
    """The result of the same run that nobody kills, as JSON gives it back."""
    with Path(os.devnull).open("w") as told:
        return json.loads(
            json.dumps(execute(folder / "undisturbed", folder / "undisturbed.log", told.fileno(), threads))
        )


def committed_requests(run_dir: Path) -> list[Any]:
    try:
        with open_reader(run_dir) as reader:
            return [call.request["messages"] for call in reader.calls() if "messages" in call.request]
    except FileNotFoundError:
        return []


def saw_calls(told: int, count: int) -> bool:
    """Wait for so many calls; False where the process ends before."""
    return all(os.read(told, 1) for _ in range(count))
