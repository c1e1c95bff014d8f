"""Ours against DSPy's MIPROv2 loop, random search and sequential halving, replayed on score matrices (no LM).

Twenty seeds: a check that nothing broke, with wide intervals. `make bench-search` replays two hundred.
"""

from benchmarks.measurement import Measurement
from benchmarks.search.contest import MIPRO, ours
from benchmarks.search.replay import QUICK, SIMULATED, kept_outcomes, recorded_settings, replay
from benchmarks.search.report import is_promised, lines, markdown

SEEDS = 20


def measure(*, quick: bool) -> list[Measurement]:
    settings = [*recorded_settings(), *(QUICK if quick else SIMULATED)]
    replay(settings, range(SEEDS), processes=2)
    measurements = []
    for setting in settings:
        outcomes = {seed: outcome for seed, outcome in kept_outcomes(setting).items() if seed < SEEDS}
        print(markdown(setting, outcomes), flush=True)
        at = {(line.contestant, line.share): line for line in lines(outcomes)}
        half, peer = at[ours("max"), 50], at[MIPRO, 100]
        goal = "peer's gain at least" if is_promised(setting) else "none"
        measurements.append(
            Measurement(f"{setting}: gain at half the calls", half.gain, peer.gain, "points", "MIPROv2 at all", goal)
        )
    return measurements
