"""What was measured, kept beside the benchmark by part, device and workload; `results.md` is for people."""

import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

RESULTS = Path(__file__).parent / "results.json"
PAGE = RESULTS.with_suffix(".md")
PARTS = {
    "speed": "Training speed",
    "estimate": "Estimates against what happened",
    "serving": "Answers a second",
}
HEAD = """# Finetuning measured

Written by `make bench-finetune`, and by `python tests/benchmarks/finetune/measure.py` on other devices; a later
measurement of the same on the same device replaces an earlier one. Where a model is called by its shape its weights are
random: speed and memory do not depend on them. In training, prompts share their first 400 tokens, and 72 more, 12 of
them the target, are each example's own. Everything runs in a process of its own, in turns; the median of the rounds is
shown. On a busy machine times say less than processor times, which count what the process itself computed.
"""


class Result(Struct, frozen=True, kw_only=True):
    part: str
    device: str
    workload: str
    date: str
    table: str
    """Markdown."""
    details: dict[str, object] = {}
    """What the table was made of."""


def kept_results() -> list[Result]:
    return msgspec.json.decode(RESULTS.read_bytes(), type=list[Result]) if RESULTS.exists() else []


def keep(result: Result) -> None:
    key = (result.part, result.device, result.workload)
    others = [other for other in kept_results() if (other.part, other.device, other.workload) != key]
    results = sorted([*others, result], key=lambda one: (list(PARTS).index(one.part), one.device, one.workload))
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    PAGE.write_text(page(results), encoding="utf-8")


def page(results: list[Result]) -> str:
    texts = [HEAD]
    for part, title in PARTS.items():
        of_part = [result for result in results if result.part == part]
        if of_part:
            texts.append(f"## {title}\n")
            texts += [f"### {one.workload}\n\n{one.device}, {one.date}\n\n{one.table}\n" for one in of_part]
    return "\n".join(texts)


def today() -> str:
    return datetime.date.today().isoformat()
