"""`make bench`: run every `bench_*.py` (or those named) and print ratios. `--quick` takes smaller inputs."""

import argparse
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measurement import Measurement

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks to run, e.g. index; all where none is named")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    names = options.names or sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    for name in names:
        print(f"\n{name}", flush=True)
        measure = importlib.import_module(f"benchmarks.bench_{name}").measure
        for measurement in measure(quick=options.quick):
            print(describe(measurement), flush=True)
    return 0


def describe(m: Measurement) -> str:
    return (
        f"  {m.name:<52} {m.ours:>10.3f} {m.unit:<10} {m.peer_name}: {m.peer:>10.3f}   "
        f"ratio {m.ratio:>7.3f}   goal: {m.goal}"
    )


if __name__ == "__main__":
    sys.exit(main())
