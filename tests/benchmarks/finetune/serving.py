"""Part three: queries a second of each engine, and of transformers' `generate` asked one query at a time."""

from benchmarks.finetune.engine import ENGINES, PEER, run_apart
from benchmarks.finetune.queries import CALLERS, Rate

QUERIES = 48
GOALS = {"cpu": 5.0, "cuda": 50.0}
"""T5-base's, queries a second; the claims it is held against are 1–5 and 10–50."""
T5 = next(iter(ENGINES))


def measure_serving(queries: int = QUERIES) -> dict[str, dict[str, Rate]]:
    """By model and engine. What is not at hand (the embedded model) raises `CalledProcessError`."""
    return {
        model: {engine: run_apart(model, engine, queries) for engine in engines} for model, engines in ENGINES.items()
    }


def serving_table(rates: dict[str, dict[str, Rate]], device: str) -> str:
    lines = [
        "| model | engine | queries/s | times the peer's | processor s a query | prompt tokens | answer tokens |",
        "|---|---|---|---|---|---|---|",
    ]
    for model, of_model in rates.items():
        peer = of_model[PEER].queries_per_second
        lines += [
            f"| {model} | {engine} | {rate.queries_per_second:.2f} | {rate.queries_per_second / peer:.1f} "
            f"| {rate.processor_seconds:.3f} | {rate.prompt_tokens:.0f} | {rate.answer_tokens:.0f} |"
            for engine, rate in of_model.items()
        ]
    fastest = max(rate.queries_per_second for rate in rates[T5].values())
    verdict = f"goal {GOALS[device]:.0f}: {'met' if fastest > GOALS[device] else 'missed'}"
    lines += ["", f"- asked from {CALLERS} threads; T5-base: {fastest:.1f} queries/s ({verdict})"]
    return "\n".join(lines)
