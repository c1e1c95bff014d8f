"""What served models are asked: one module's prompts in ChatAdapter's format, from many threads at once."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean

import dspy
from msgspec import Struct

from benchmarks.finetune.workload import SEED
from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.finetune.serving.asks import Answer, Ask

WORDS = [
    *("the", "a", "of", "to", "and", "is", "in", "it", "with", "your", "input", "output", "fields", "label", "text"),
    *("answer", "question", "yes", "no", "card", "cash", "balance", "transfer", "one", "two", "red", "name", "value"),
]
"""Each a token of its own for most tokenizers, the benchmark's T5 tokenizer among them."""
INSTRUCTION_WORDS, TEXT_WORDS = 200, 60
ANSWER_TOKENS = 16
"""Most an answer has: weights are random, and those that are not were not tuned."""
CALLERS = 16


class Rate(Struct, frozen=True, kw_only=True):
    """Of one engine in one process."""

    queries_per_second: float
    prompt_tokens: float
    """A query, as the model's own prompting renders it."""
    answer_tokens: float
    processor_seconds: float
    """A query, over all threads of the process: the same on a busy machine."""


def asks(count: int, *, seed: int = SEED) -> list[Ask]:
    draw = random.Random(SEED)
    signature = dspy.Signature("text -> label", " ".join(draw.choices(WORDS, k=INSTRUCTION_WORDS)))
    draw = random.Random(seed)
    return [
        Ask(
            messages=[
                Message(role=one["role"], content=one["content"])
                for one in dspy.ChatAdapter().format(
                    signature, [], {"text": " ".join(draw.choices(WORDS, k=TEXT_WORDS))}
                )
            ],
            max_tokens=ANSWER_TOKENS,
        )
        for _ in range(count)
    ]


def rate_of(answer: Callable[[Ask], Answer], count: int, *, callers: int = CALLERS) -> Rate:
    """Of `count` queries, none twice, after a few that warm up."""
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(answer, asks(min(count, callers), seed=SEED + 1)))
        begun, processor_begun = time.perf_counter(), time.process_time()
        answers = list(pool.map(answer, asks(count)))
        seconds, processor = time.perf_counter() - begun, time.process_time() - processor_begun
    return Rate(
        queries_per_second=count / seconds,
        prompt_tokens=fmean(one.prompt_tokens for one in answers),
        answer_tokens=fmean(one.completion_tokens for one in answers),
        processor_seconds=processor / count,
    )
