"""What the runs are about: messages, instructions, demos, and what each of them brings."""

from statistics import fmean
from typing import Any

from tunesmith.protocol import (
    DemoChoice,
    Gain,
    InstructionChoice,
    Score,
    Verdict,
)

HOSTILE = (
    '</script><script>window.injected = 1</script><img src=x onerror="window.injected = 1">'
    "[press](command:workbench.action.quit) ![x](javascript:window.injected=1) <b>bold</b> &amp; $(window.injected)"
)
STARTED = 1_790_000_000.0
MESSAGES = [
    ("The front light of bike 5128 does not work any more.", "broken"),
    ("Please send me the receipt for my ride on 6617 last Tuesday.", "money"),
    ("Bike 6596 has no pedals at all, just the bare cranks.", "broken"),
    ("The price for 3408 was doubled because of an event, nobody told me.", "money"),
    ("I had to carry 3689 home, the tyre came right off the rim.", "broken"),
    ("There is a strange extra fee of four euros on my invoice for 7214.", "money"),
    ("On 2143 the left grip spins freely, which is dangerous.", "broken"),
    ("My card was billed for 4528 although I never took it out.", "money"),
]
INSTRUCTIONS = [
    "Decide what a message to a bike rental is about.",
    "Read the message and choose the topic. The possible labels are: broken, money.",
    "Label the message as broken or money. Give the topic alone, without any explanation.",
    "You are an expert at sorting texts. Label the message as broken or money.",
    (
        "Decide what a message to a bike rental is about. First find the words that matter, then choose. "
        "Give the topic alone, without any explanation."
    ),
    (
        "Decide what the message is about.\n- broken: something on the bike does not work\n- money: a charge, a fee, a "
        "receipt\nGive a single label, spelled exactly as it is defined."
    ),
]
LIFTS = [0.0, 0.06, 0.21, 0.02, 0.17, 0.27]
DEMO_SETS = ["none", "labels only", "diverse", "short few"]
DEMO_LIFTS = [0.0, 0.08, 0.16, 0.12]


def interval(values: list[float]) -> Score:
    mean, n = fmean(values), len(values)
    centre, half = (mean + 1.92 / n) / (1 + 3.84 / n), 1.96 * (mean * (1 - mean) / n + 0.96 / n**2) ** 0.5
    half /= 1 + 3.84 / n
    return Score(score=mean, low=max(0.0, min(mean, centre - half)), high=min(1.0, max(mean, centre + half)), n=n)


def gain_between(tuned: list[float], base: list[float], verdict: Verdict = "confirmed") -> Gain:
    mean = fmean(tuned) - fmean(base)
    return Gain(mean=mean, low=mean - 0.11, high=mean + 0.1, probability=0.993, verdict=verdict)


def state(instruction: str, demos: list[dict[str, Any]]) -> dict[str, Any]:
    fields = [{"prefix": "Message:", "description": "${message}"}, {"prefix": "Topic:", "description": "${topic}"}]
    signature = {"instructions": instruction, "fields": fields}
    return {"traces": [], "train": [], "demos": demos, "signature": signature, "lm": None}


def demo(example: int, why: str, **values: Any) -> DemoChoice:
    text, topic = MESSAGES[example % len(MESSAGES)]
    shown: dict[str, Any] = {"message": text, "topic": topic}
    return DemoChoice(
        predictor="self", example=example, origin="bootstrapped", why=why, tokens=12 + example, values=shown | values
    )


DEMOS = [
    demo(2, "covers 41 % of the inputs, those nearest to it; first with topic=broken; 14 tokens"),
    demo(1, "covers 33 % of the inputs, those nearest to it; first with topic=money; 13 tokens"),
    demo(7, "covers 26 % of the inputs, those nearest to it; shortest of its kind; 19 tokens"),
]
CHANGED = InstructionChoice(
    predictor="self",
    before=INSTRUCTIONS[0],
    after=INSTRUCTIONS[5],
    view="errors",
    why="+27 points (14 to 39): asks for the label alone, says what each label means",
)
