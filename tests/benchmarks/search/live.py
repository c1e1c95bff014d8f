"""Our MIPROv2 against dspy's on the embedded model: `python tests/benchmarks/search/live.py [--seeds 3] [--only ARM]`.

Both optimize one predictor (four intents of banking77) with the same LM, adapter, data and threads; `auto="light"`
allows both 440 program calls on 40 validation examples. A scripted prompt model gives both the same instructions in
the same order, so what differs is what they make of them:

- `dspy`: asks for three instructions, throws the first away for the program's own, and searches with two.
- `same-proposals`: ours with exactly these two, and no reflection, which would add templates.
- `as-users-run-it`: ours as it comes: twenty instructions from the script, templates from reflection.

What comes back answers 100 examples that no optimizer saw. Every finished arm is kept in `live.json` at once; what is
there is not done again. To measure anew, delete it.
"""

import argparse
import contextvars
import datetime
import logging
import random
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))

import dspy
import msgspec
from dspy.utils import DummyLM
from dspy.utils.callback import BaseCallback

from benchmarks.search.device import device
from benchmarks.search.tasks import DataMissing, load
from benchmarks.search.tasks.banking import INTENTS, SortMessage
from tunesmith.optim import MIPROv2
from tunesmith.optim.local_lms import resolve_lm
from tunesmith.optim.prompt_search import call_budget as search_budget
from tunesmith.optim.statistics import mean_score, paired_gain
from tunesmith.protocol import Gain

RESULTS = Path(__file__).parent / "live.json"
MODEL = "local/smollm2-135m"
MAX_TOKENS, STOP = 16, "\n\n"
"""Room for the field's marker and the longest intent (15 tokens); an answer of one field ends with a blank line."""
TRAIN, VAL, HELD_OUT = 15, 10, 25
"""Examples of each intent."""
THREADS = 2
ANY_ERRORS = 1_000_000
"""An answer without an intent is an error to dspy, which by default gives up at the tenth; a small model makes more."""
BASELINE, DSPY, SAME, USERS = "baseline", "dspy", "same-proposals", "as-users-run-it"

INSTRUCTIONS = (
    "Classify the customer's message. Answer with the name of one intent and nothing else.",
    "You are an experienced support agent of a mobile bank. Read the message and decide which team should answer it.",
    "Read the message carefully. Think about what the customer wants to know. Then choose the intent that fits best.",
    (
        "Choose age_limit when the message asks how old one has to be or mentions children; exchange_rate when it is "
        "about rates or currencies; lost_or_stolen_card when a card is missing; passcode_forgotten when somebody "
        "cannot remember how to log in."
    ),
    "Sort messages of bank customers into age_limit, exchange_rate, lost_or_stolen_card and passcode_forgotten.",
    "A wrong intent sends a worried customer to the wrong desk and may cost them their savings. Decide with care.",
    (
        "Look for the words that give the intent away. Old, age, child and eighteen point to age_limit. Rate, currency "
        "and convert point to exchange_rate. Lost, stolen and missing point to lost_or_stolen_card. Passcode, "
        "password and forgot point to passcode_forgotten."
    ),
    "Write the intent exactly as it is spelled in the list of allowed values, with its underscores, in lower case.",
    "Summarize the message in your own words before deciding, and explain to the customer what happens next.",
    "Determine the intent of the message.",
    (
        "1. Ask whether a card is gone. If so, answer lost_or_stolen_card.\n"
        "2. Ask whether the customer cannot log in. If so, answer passcode_forgotten.\n"
        "3. Ask whether money is changed into another currency. If so, answer exchange_rate.\n"
        "4. Otherwise answer age_limit."
    ),
    "Be creative and find the most interesting reading of the message.",
    "Most customers write because their card is gone. When in doubt, answer lost_or_stolen_card.",
    "Given a question that somebody asked a bank, output its label. The labels never overlap, so exactly one is right.",
    (
        "A message about the passcode belongs to passcode_forgotten even where a card is mentioned. A message about a "
        "missing card belongs to lost_or_stolen_card even where the customer also worries about the passcode."
    ),
    "Detect the topic of the text: age, currencies, cards or passcodes.",
    "Please reply politely and in full sentences, and thank the customer for getting in touch with the bank.",
    (
        "Fill the field intent with one of four values. Do not repeat the message. Do not add a reason, a greeting or "
        "punctuation. Stop after the value."
    ),
    "Imagine being the customer. Name the problem that made you write, as one of the given intents.",
    (
        "The intent is what the customer is after, not how they say it: a teenager asking for an account is about "
        "age_limit, a traveller comparing prices of euros is about exchange_rate."
    ),
)
"""What the prompt model knows to write: good ones, empty ones and harmful ones, as prompt models do."""

DESCRIPTION = (
    "Short messages that customers wrote to a bank, mostly questions in one or two informal sentences. "
    "Each has one of four intents, and a few telling words decide it."
)
"""Its answer to any other question."""


class Tally(BaseCallback):
    """Counts calls of the program under test, and of its LM."""

    def __init__(self) -> None:
        self.program_calls = self.lm_calls = 0
        self._lock = threading.Lock()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Tally":
        return self

    def on_lm_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        with self._lock:
            self.lm_calls += 1

    def count_program(self) -> None:
        with self._lock:
            self.program_calls += 1

    def reset(self) -> None:
        with self._lock:
            self.program_calls = self.lm_calls = 0


TALLY = Tally()


class Sorter(dspy.Module):
    """Decides the intent of a customer's message."""

    def __init__(self) -> None:
        super().__init__()
        self.sort = dspy.Predict(SortMessage)

    def forward(self, message: str) -> Any:
        TALLY.count_program()
        return self.sort(message=message)


class Writer(DummyLM):
    """A prompt model that writes the given instructions one after the other, for whoever asks in whatever form.

    Where none is left it says the last one again, which adds nothing.
    """

    def __init__(self, instructions: Sequence[str]) -> None:
        super().__init__([], follow_examples=True)
        self.model = "scripted-writer"
        self.left = deque(instructions)
        self.last = instructions[-1]
        self.calls: list[str] = []
        """What was asked for, shared with copies as `left` is."""

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        return self.answer(messages[-1]["content"])

    def answer(self, asked: str) -> str:
        if (field := re.search(r"starting with the field `\[\[ ## (\w+) ## \]\]`", asked)) is not None:
            name = field.group(1)
            self.calls.append(name)
            text = self._next() if name == "proposed_instruction" else DESCRIPTION
            return f"[[ ## {name} ## ]]\n{text}\n\n[[ ## completed ## ]]"
        if (wanted := re.search(r"^Write (\d+) instructions\.", asked, re.MULTILINE)) is not None:
            self.calls.append("instructions")
            texts = dict.fromkeys(self._next() for _ in range(int(wanted.group(1))))
            return "\n".join(f"<instruction>{text}</instruction>" for text in texts)
        self.calls.append("description")
        return DESCRIPTION

    def _next(self) -> str:
        return self.left.popleft() if self.left else self.last


class Data(NamedTuple):
    """Examples of one seed, with their intents mixed."""

    train: list[dspy.Example]
    val: list[dspy.Example]
    held_out: list[dspy.Example]


class Compiled(NamedTuple):
    program: Any
    claimed: float | None
    """Validation score of the program, as its optimizer says it, 0 to 1."""
    claimed_on: int
    """Validation examples it was scored on."""
    prompt_calls: int
    """Answers of the prompt model."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One finished arm of one seed."""

    arm: str
    seed: int
    date: str
    device: str
    dspy: str
    program_calls: int
    """By the optimizer; the held-out examples are not counted."""
    lm_calls: int
    prompt_calls: int
    seconds: float
    """Of the optimizer, on a machine that may have had other work."""
    claimed: float | None
    claimed_on: int
    instruction: str
    demos: int
    held_out: str
    """One character an example, 1 right and 0 wrong, in the seed's order."""


class Live(msgspec.Struct, frozen=True):
    model: str
    settings: dict[str, Any]
    """Rows made with others are not comparable."""
    rows: tuple[Row, ...]


SETTINGS: dict[str, Any] = {
    "adapter": "ChatAdapter without fallback",
    "max_tokens": MAX_TOKENS,
    "stop": STOP,
    "intents": list(INTENTS),
    "examples of each intent": [TRAIN, VAL, HELD_OUT],
    "threads": THREADS,
    "auto": "light",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=ARMS, metavar="ARM", help=f"of {', '.join(ARMS)}")
    options = parser.parse_args()
    try:
        rows = load("banking").rows
    except DataMissing as error:
        print(error, file=sys.stderr)
        return 1
    # Errors of the format are part of the measurement; each would be logged with its traceback.
    logging.getLogger("dspy").setLevel(logging.CRITICAL)
    lm = resolve_lm(MODEL, cache=False, max_tokens=MAX_TOKENS, stop=[STOP], callbacks=[TALLY])
    dspy.configure(lm=lm, adapter=dspy.ChatAdapter(use_json_adapter_fallback=False))
    live = read(RESULTS)
    for arm, seed in missing(live, options.seeds, options.only):
        row = measure(arm, seed, draw(rows, seed))
        live = msgspec.structs.replace(live, rows=(*live.rows, row))
        write(live, RESULTS)
        print(f"{datetime.datetime.now():%H:%M:%S} {line(row)}", flush=True)
    print(report(live.rows))
    return 0


def missing(live: Live, seeds: int, only: str | None) -> Iterator[tuple[str, int]]:
    """All arms of a seed before the next one."""
    done = {(row.arm, row.seed) for row in live.rows}
    for seed in range(seeds):
        yield from ((arm, seed) for arm in ARMS if only in (None, arm) and (arm, seed) not in done)


def read(path: Path) -> Live:
    empty = Live(model=MODEL, settings=SETTINGS, rows=())
    if not path.exists():
        return empty
    kept = msgspec.json.decode(path.read_bytes(), type=Live)
    if (kept.model, kept.settings) != (empty.model, empty.settings):
        raise SystemExit(f"{path} was measured with other settings. Delete it to measure anew.")
    return kept


def write(live: Live, path: Path) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(live), indent=1) + b"\n")
    part.replace(path)


def draw(rows: Sequence[Any], seed: int) -> Data:
    """Three sets without a common row, each with the same number of every intent."""
    chance = random.Random(seed)
    parts: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    for intent in INTENTS:
        drawn = chance.sample([row for row in rows if row["intent"] == intent], TRAIN + VAL + HELD_OUT)
        for part, first, count in zip(parts, (0, TRAIN, TRAIN + VAL), (TRAIN, VAL, HELD_OUT), strict=True):
            part += [dspy.Example(**row).with_inputs("message") for row in drawn[first : first + count]]
    for part in parts:
        chance.shuffle(part)
    return Data(*parts)


def in_order(seed: int) -> list[str]:
    """The writer's instructions, as every arm of a seed gets them."""
    return random.Random(seed).sample(INSTRUCTIONS, len(INSTRUCTIONS))


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.intent == prediction.intent)


# The arms


def as_it_came(data: Data, seed: int) -> Compiled:
    return Compiled(Sorter(), claimed=None, claimed_on=0, prompt_calls=0)


def by_dspy(data: Data, seed: int) -> Compiled:
    writer = Writer(in_order(seed))
    optimizer = dspy.MIPROv2(
        exact, prompt_model=writer, auto="light", num_threads=THREADS, max_errors=ANY_ERRORS, seed=seed
    )
    program = optimizer.compile(Sorter(), trainset=data.train, valset=data.val)
    return Compiled(program, program.score / 100, len(data.val), len(writer.calls))


def by_ours(data: Data, seed: int, script: Sequence[str], **options: Any) -> Compiled:
    writer = Writer(script)
    optimizer = MIPROv2(
        exact, prompt_model=writer, auto="light", num_threads=THREADS, max_errors=ANY_ERRORS, seed=seed, **options
    )
    program = optimizer.compile(Sorter(), trainset=data.train, valset=data.val)
    outcome = optimizer.outcome
    claim = outcome.tuned if outcome.shipped else outcome.baseline
    claimed, claimed_on = (claim.score, claim.n) if claim is not None else (None, 0)
    return Compiled(program, claimed, claimed_on, len(writer.calls))


def with_same_proposals(data: Data, seed: int) -> Compiled:
    # dspy's first proposal is replaced by the program's own instruction.
    with mock.patch.object(search_budget, "REFLECTION_ROUNDS", 0):
        return by_ours(data, seed, in_order(seed)[1:3], num_instructions=2)


def as_users_run_it(data: Data, seed: int) -> Compiled:
    return by_ours(data, seed, in_order(seed))


ARMS: dict[str, Callable[[Data, int], Compiled]] = {
    DSPY: by_dspy,
    SAME: with_same_proposals,
    USERS: as_users_run_it,
    BASELINE: as_it_came,
}
"""In the order they are run."""


def measure(arm: str, seed: int, data: Data) -> Row:
    """Optimize, then answer the held-out examples."""
    TALLY.reset()
    began = time.monotonic()
    compiled = ARMS[arm](data, seed)
    seconds, program_calls, lm_calls = time.monotonic() - began, TALLY.program_calls, TALLY.lm_calls
    predictor = compiled.program.sort
    return Row(
        arm=arm,
        seed=seed,
        date=datetime.date.today().isoformat(),
        device=device(),
        dspy=dspy.__version__,
        program_calls=program_calls,
        lm_calls=lm_calls,
        prompt_calls=compiled.prompt_calls,
        seconds=round(seconds, 1),
        claimed=compiled.claimed,
        claimed_on=compiled.claimed_on,
        instruction=predictor.signature.instructions,
        demos=len(predictor.demos),
        held_out=answer(compiled.program, data.held_out),
    )


def answer(program: Any, examples: Sequence[Any]) -> str:
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(contextvars.copy_context().run, is_right, program, example) for example in examples]
        return "".join("1" if one.result() else "0" for one in asked)


def is_right(program: Any, example: Any) -> bool:
    try:
        return exact(example, program(**example.inputs()))
    except dspy.utils.exceptions.AdapterParseError:
        return False


# The report


def scores(row: Row) -> list[float]:
    return [float(character) for character in row.held_out]


def line(row: Row) -> str:
    claimed = f"{100 * row.claimed:.1f} % of {row.claimed_on}" if row.claimed is not None else "–"
    return (
        f"{row.arm}, seed {row.seed}: held out {100 * mean_score(scores(row)).score:.1f} %, claimed {claimed}, "
        f"{row.program_calls} program calls, {row.lm_calls} LM calls, {row.seconds:.0f} s"
    )


def report(rows: Sequence[Row]) -> str:
    """A table of what is there, and ours − dspy's on the same held-out examples, by seed and over all."""
    ordered = sorted(rows, key=lambda row: (row.seed, list(ARMS).index(row.arm)))
    head = (
        "| arm | seed | program calls | LM calls | prompts | seconds | claimed | held out | instruction | demos |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
    )
    table = "".join(table_line(row) for row in ordered)
    verdicts = [
        f"- {arm} − {peer}, {where}: {verdict(gain)}"
        for arm, peer in ((SAME, DSPY), (USERS, DSPY), (DSPY, BASELINE), (SAME, BASELINE), (USERS, BASELINE))
        for where, gain in compare(rows, arm, peer)
    ]
    return "\n".join([f"\n{head}{table}", *verdicts])


def table_line(row: Row) -> str:
    claimed = f"{100 * row.claimed:.1f} % of {row.claimed_on}" if row.claimed is not None else "–"
    instruction = row.instruction.splitlines()[0]
    shown = instruction if len(instruction) <= 40 else f"{instruction[:39]}…"
    return (
        f"| {row.arm} | {row.seed} | {row.program_calls} | {row.lm_calls} | {row.prompt_calls} | {row.seconds:.0f} | "
        f"{claimed} | {100 * mean_score(scores(row)).score:.1f} % | {shown} | {row.demos} |\n"
    )


def compare(rows: Sequence[Row], arm: str, peer: str) -> Iterator[tuple[str, Gain]]:
    """Paired gains of `arm` over `peer` for every seed that has both, then for all of these seeds together."""
    of = {(row.arm, row.seed): row for row in rows}
    before: list[float] = []
    after: list[float] = []
    seeds = [seed for name, seed in sorted(of) if name == arm and (peer, seed) in of]
    for seed in seeds:
        before += (theirs := scores(of[peer, seed]))
        after += (ours := scores(of[arm, seed]))
        yield f"seed {seed}", paired_gain(theirs, ours)
    if len(seeds) > 1:
        yield f"{len(seeds)} seeds together", paired_gain(before, after)


def verdict(gain: Gain) -> str:
    """In points of 100."""
    shown = f"{100 * gain.mean:+.1f} points (95 % {100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
    if gain.low > 0:
        return f"won, {shown}"
    if gain.high < 0:
        return f"lost, {shown}"
    return f"{'ahead' if gain.mean > 0 else 'behind' if gain.mean < 0 else 'level'}, undecided, {shown}"


if __name__ == "__main__":
    sys.exit(main())
