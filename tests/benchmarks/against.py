"""`make bench-against BASE=COMMIT`: this tree beside an earlier one, in turn, in one run.

Each round runs a benchmark of either tree with that tree's own code in a process of its own, first one, then the
other. What is compared is the best of the rounds: a busy moment can only make a number worse.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCHMARKS = ("daemon", "rollout_overhead")
MOST = 1.05
"""Times the earlier tree's number: what a change that is none of behaviour may cost."""

RUN = """
import importlib, json, sys
sys.path[:0] = [".", ".."]
found = importlib.import_module("bench_" + sys.argv[1]).measure(quick=True)
print("MEASURED " + json.dumps([[one.name, one.ours, one.unit] for one in found]))
"""

Taken = dict[str, list[float]]
"""Our number in each round, by its name with its unit."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="the commit to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with checkout(options.base) as base:
        trees = {"now": ROOT, "base": base}
        for name in BENCHMARKS:
            taken: dict[str, Taken] = {tree: defaultdict(list) for tree in trees}
            for _ in range(options.rounds):
                for tree, root in trees.items():
                    for measured, value in measure(root, name).items():
                        taken[tree][measured].append(value)
            print(f"\n{name}, best of {options.rounds} rounds", flush=True)
            for measured in taken["now"]:
                if measured in taken["base"]:
                    now, before = min(taken["now"][measured]), min(taken["base"][measured])
                    print(f"  {measured:<64} {now:>10.3f} before: {before:>10.3f}   ratio {now / before:>6.3f}")
    print(f"\ngoal: at most {MOST}")
    return 0


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="against-") as folder:
        tree = Path(folder) / "tree"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def measure(tree: Path, benchmark: str) -> dict[str, float]:
    """One round of a benchmark with that tree's packages, which come before the installed ones."""
    packages = os.pathsep.join(str(tree / root) for root in ("protocol", "server", "optim"))
    done = subprocess.run(
        [sys.executable, "-c", RUN, benchmark],
        cwd=tree / "tests" / "benchmarks",
        env={**os.environ, "PYTHONPATH": packages},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    line = next(one for one in done.stdout.splitlines() if one.startswith("MEASURED "))
    return {f"{name} [{unit}]": value for name, value, unit in json.loads(line.removeprefix("MEASURED "))}


if __name__ == "__main__":
    sys.exit(main())
