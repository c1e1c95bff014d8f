"""Runs for the results page, as their workers would have left them: simulated, the same on every machine.

`PYTHONPATH=tests python -m support.runs.page_runs FOLDER` leaves them in a folder, for `tunesmith ui --root FOLDER`.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

import msgspec

from support.runs.finetune_samples import finetune_report, student
from tunesmith.protocol import (
    Analysed,
    ArmEstimate,
    ArtifactReport,
    BatchArm,
    BatchClosed,
    Belief,
    Candidate,
    CandidateScored,
    ConfiguredTarget,
    DemoChoice,
    DevScored,
    Factor,
    FactorKind,
    FeatureEffect,
    Gain,
    InstructionChoice,
    InstructionsProposed,
    LevelEffect,
    LmCall,
    Printed,
    Progressed,
    Rollout,
    RoundEnded,
    RunEvent,
    RunReport,
    RunSpec,
    Score,
    SearchReason,
    SearchReport,
    StatusChanged,
    Step,
    TrainingStarted,
    TrainingStep,
    Verdict,
    Warned,
    encode,
)
from tunesmith.protocol.store import RunStore

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


class Writing:
    """A run's store in memory with a clock of its own, saved to its folder at the end; or one that is being written,
    at the time it is."""

    def __init__(
        self, root: Path, run_id: str, optimizer: str, started: float, store: RunStore | None = None, **spec: Any
    ) -> None:
        self.run_dir = root / ".tunesmith" / "runs" / run_id
        self.run_id = run_id
        self.optimizer = optimizer
        self.now = started
        self.calls = self.tokens = 0
        self.usd = 0.0
        self.started = started
        self.simulated = store is None
        self.store = store or RunStore.memory()
        self.target = ConfiguredTarget(
            name=spec.pop("target", "sort"),
            program="sorting:sorter",
            metric="scoring:right_topic",
            trainset="data/train.jsonl",
            file="pyproject.toml",
            line=18,
        )
        order: dict[str, Any] = {
            "run_id": run_id,
            "run_dir": str(self.run_dir),
            "root": str(root),
            "interpreter": "python",
            "target": self.target,
            "optimizer": optimizer,
            "lm": "local/smollm2-135m",
        }
        self.store.commit_spec(RunSpec(**order | spec))
        self.tell(StatusChanged(status="queued", reason="with python, asked for"))
        self.tell(StatusChanged(status="running"))

    def tell(self, event: RunEvent, seconds: float = 0.4) -> None:
        self.now += seconds
        record = self.store.append_event(event)
        if not self.simulated:
            return
        timed = encode(msgspec.structs.replace(record, time=self.now))
        with self.store._connection as connection:
            connection.execute("UPDATE events SET row = ? WHERE seq = ?", (timed, record.seq))

    def candidate(self, id_: str, name: str, parent: str | None, state: dict[str, Any]) -> None:
        self.store.commit_candidate(Candidate(id=id_, name=name, parent=parent, state=state))

    def rollout(
        self,
        candidate: str,
        index: int,
        score: float | None,
        *,
        split: Literal["train", "val"] = "val",
        unparsed: bool = False,
        price: float | None = 0.0004,
        with_call: bool = True,
        message: str | None = None,
    ) -> None:
        text, topic = MESSAGES[index % len(MESSAGES)]
        text = text if message is None else message
        key = f"{candidate}/{split}/{index}"
        right = score is not None and score > 0.5
        answer = topic if right else ("money" if topic == "broken" else "broken")
        error = None
        if unparsed:
            error = f"AdapterParseError: Failed to parse field topic: input should be 'broken', not 'it is {index}'"
        elif score is None:
            error = "RateLimitError: 429, tried 4 times"
        outputs = {} if error else {"topic": answer}
        step = Step(
            kind="predictor",
            name="self",
            inputs={"message": text},
            outputs=outputs,
            reasoning=f"It speaks of {text.split()[-1]}" if right else None,
            calls=[f"{key}/call"] if with_call else [],
            error=error,
            seconds=0.6,
        )
        rollout = Rollout(
            key=key,
            candidate=candidate,
            example=f"{split}-{index}",
            index=index,
            split=split,
            sample=0,
            status="unparsed" if unparsed else "failed" if score is None else "scored",
            score=score,
            accepted=right,
            prediction=outputs,
            steps=[step],
            error=error,
            seconds=0.61,
            faithful=True,
        )
        self.store.commit_rollout(rollout)
        self.now += 0.3
        if with_call:
            self._call(key, text, answer, price)

    def _call(self, key: str, text: str, answer: str, price: float | None) -> None:
        prompt = 220 + 3 * len(text)
        messages = [
            {"role": "system", "content": "Your input fields are:\n1. `message` (str):"},
            {"role": "user", "content": f"[[ ## message ## ]]\n{text}"},
        ]
        call = LmCall(
            key=f"{key}/call",
            rollout=key,
            model="local/smollm2-135m",
            request={"messages": messages, "temperature": 0.0},
            outputs=[f"[[ ## topic ## ]]\n{answer}\n\n[[ ## completed ## ]]"],
            prompt_tokens=prompt,
            completion_tokens=12,
            usd=price,
            seconds=0.55,
            cache_hit=False,
        )
        self.store.commit_call(call)
        self.calls, self.tokens, self.usd = self.calls + 1, self.tokens + prompt + 12, self.usd + (price or 0)

    def report(self, **values: Any) -> RunReport:
        plain: dict[str, Any] = {
            "run_id": self.run_id,
            "status": "finished",
            "optimizer": self.optimizer,
            "target": self.target.name,
            "baseline": None,
            "tuned": None,
            "gain": None,
            "calls": self.calls,
            "tokens": self.tokens,
            "usd": round(self.usd, 4),
            "seconds": self.now - self.started,
            "artifact": str(self.run_dir / "program.json"),
        }
        return RunReport(**plain | values)

    def finish(self, report: RunReport, **artifact: Any) -> None:
        self.store.commit_report(report)
        self.tell(StatusChanged(status="finished"))
        plain: dict[str, Any] = {
            "report": report,
            "target": self.target,
            "fingerprint": None,
            "source_digests": {},
            "predictors": ["self"],
            "demos": [],
            "literal_demos": True,
            "warnings": [],
            "created": self.now,
        }
        self.save()
        (self.run_dir / "report.json").write_bytes(encode(ArtifactReport(**plain | artifact)))

    def save(self) -> None:
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.store._connection.execute("VACUUM INTO ?", (str(self.run_dir / "run.sqlite"),))
        self.store.close()


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


def leave_bootstrap_run(root: Path, run_id: str = "20260920-091200-boot", started: float = STARTED) -> str:
    draw = random.Random(7)
    run = Writing(root, run_id, "bootstrap-fewshot", started)
    run.candidate("baseline", "baseline", None, state(INSTRUCTIONS[0], []))
    base = [float(draw.random() < 0.45) for _ in range(48)]
    for index, score in enumerate(base):
        run.rollout("baseline", index, score, unparsed=score == 0 and index % 4 == 0)
    run.tell(CandidateScored(candidate="baseline", name="baseline", score=interval(base)))
    for round_ in (1, 2):
        for index in range(20 * (round_ - 1), 20 * round_):
            run.rollout(f"teacher {round_}", index, float(draw.random() < 0.7), split="train")
            run.tell(Progressed(phase="bootstrapping", done=index + 1, total=40, text=f"{index // 2} accepted"), 0.1)
        run.tell(RoundEnded(round=round_, tried=20, accepted=13, pool=13 * round_))
    shown = [choice.values for choice in DEMOS]
    run.candidate("selected", "selected demos", "baseline", state(INSTRUCTIONS[0], shown))
    tuned = [float(draw.random() < 0.76) for _ in range(48)]
    for index, score in enumerate(tuned):
        run.rollout("selected", index, score)
    gain = gain_between(tuned, base)
    run.tell(CandidateScored(candidate="selected", name="selected demos", score=interval(tuned), gain=gain))
    run.tell(Warned(message="Two training examples are also in the validation data; they were left out of it."))
    run.tell(Printed(stream="stdout", text="loaded 120 messages\n"))
    run.finish(run.report(baseline=interval(base), tuned=interval(tuned), gain=gain), demos=DEMOS)
    return run_id


def leave_search_run(
    root: Path,
    run_id: str = "20260921-140300-srch",
    *,
    batches: int = 26,
    hostile: bool = False,
    finished: bool = True,
    started: float = STARTED + 90_000,
) -> str:
    draw = random.Random(11)
    run = Writing(root, run_id, "mipro-v2", started, prompt_lm="openai/gpt-4o-mini")
    instructions = [f"{text} {HOSTILE}" for text in INSTRUCTIONS] if hostile else INSTRUCTIONS
    errors = [
        "Errors: 27 of 48 examples not fully right",
        "  12 × the answer could not be read",
        "  9 × money → broken",
    ]
    run.tell(Analysed(lines=["Data: 120 examples", "  input message: text, 120 different, usually 12 words", *errors]))
    run.tell(
        InstructionsProposed(predictor="self", round=0, count=len(instructions) - 1, views={"data": 2, "errors": 3})
    )
    scores: defaultdict[str, list[float]] = defaultdict(list)
    levels: dict[str, tuple[int, int]] = {}
    order = [(0, 0)] + [(i, d) for i in range(len(instructions)) for d in range(len(DEMO_SETS)) if (i, d) != (0, 0)]
    head, rest = order[:1], order[1:]
    draw.shuffle(rest)
    waiting = head + rest
    rollouts = 0
    for batch in range(1, batches + 1):
        chosen = [waiting.pop(0)] if batch == 1 else [waiting.pop(0) for _ in range(min(2, len(waiting)))]
        best = sorted(scores, key=lambda one: -fmean(scores[one]))[:2]
        before = {name: len(values) for name, values in scores.items()}
        for instruction, demos in [*chosen, *[levels[one] for one in best]]:
            name = "baseline" if (instruction, demos) == (0, 0) else f"i{instruction}d{demos}"
            if name not in levels:
                levels[name] = (instruction, demos)
                title = f"self: instruction {instruction} + demos “{DEMO_SETS[demos]}”"
                parent = None if name == "baseline" else "baseline"
                shown = [choice.values for choice in DEMOS[:demos]]
                run.candidate(
                    name, "baseline" if parent is None else title, parent, state(instructions[instruction], shown)
                )
            expected = 0.4 + LIFTS[instruction] + DEMO_LIFTS[demos]
            for _ in range(4 if name != "baseline" or batch > 1 else 16):
                index = len(scores[name])
                if index >= 60:
                    break
                score = float(draw.random() < expected)
                message = f"{HOSTILE} {'long ' * 4000}" if hostile and index == 0 else None
                run.rollout(name, index, score, unparsed=score == 0 and index % 5 == 0, message=message)
                scores[name].append(score)
                rollouts += 1
        report = _search_report(instructions, scores, levels, batch, rollouts)
        run.store.commit_search(report)
        leader = report.measured[0]
        arms = _batch_arms(scores, before, best)
        told = {"baseline", *(arm.candidate for arm in arms), *(one.candidate for one in report.measured[:8])}
        title = f"self: {leader.candidate}"
        gain = gain_between(scores[leader.candidate], scores["baseline"])
        run.tell(
            CandidateScored(candidate=leader.candidate, name=title, score=interval(scores[leader.candidate]), gain=gain)
        )
        run.tell(
            BatchClosed(
                batch=batch,
                rollouts=rollouts,
                ceiling=650,
                tried=len(scores),
                leader=leader.candidate,
                mean=leader.mean,
                probability=leader.probability,
                arms=arms,
                beliefs=[_belief(one) for one in report.measured if one.candidate in told],
            )
        )
        run.tell(Progressed(phase="searching", done=rollouts, total=650, text=f"leader {leader.candidate}"), 0.1)
    if not finished:
        run.save()
        return run_id
    leader_id = report.measured[0].candidate
    gain = gain_between(scores[leader_id], scores["baseline"])
    ended = run.report(
        baseline=interval(scores["baseline"]), tuned=interval(scores[leader_id]), gain=gain, searched=True
    )
    warnings = [f"Careful: {HOSTILE}"] if hostile else []
    written = [demo(3, f"because {HOSTILE}", message=HOSTILE, topic="x" * 5000)] if hostile else DEMOS
    changed = msgspec.structs.replace(CHANGED, after=f"{CHANGED.after} {HOSTILE}", why=HOSTILE) if hostile else CHANGED
    run.finish(ended, demos=written, instructions=[changed], warnings=warnings)
    return run_id


def _batch_arms(scores: dict[str, list[float]], before: dict[str, int], best: list[str]) -> list[BatchArm]:
    arms = []
    for name, values in scores.items():
        cells = len(values) - before.get(name, 0)
        reason: SearchReason = "challenger"
        if not before:
            reason = "baseline"
        elif name not in before:
            reason = "design" if len(before) < 8 else "new" if name.startswith("i5") else "predicted"
        elif name == best[0]:
            reason = "finishing" if len(values) > 40 else "leader"
        arms += [BatchArm(candidate=name, cells=cells, reason=reason)] if cells else []
    return arms


def _belief(one: ArmEstimate) -> Belief:
    return Belief(candidate=one.candidate, mean=one.mean, low=one.low, high=one.high, n=one.n)


def _search_report(
    instructions: list[str],
    scores: dict[str, list[float]],
    levels: dict[str, tuple[int, int]],
    batch: int,
    rollouts: int,
) -> SearchReport:
    used: defaultdict[tuple[str, int], int] = defaultdict(int)
    measured = []
    for name, values in scores.items():
        instruction, demos = levels[name]
        used["instruction", instruction] += len(values)
        used["demos", demos] += len(values)
        expected = 0.4 + LIFTS[instruction] + DEMO_LIFTS[demos]
        weight = len(values) / (len(values) + 8)
        mean, half = weight * fmean(values) + (1 - weight) * expected, 0.9 / (len(values) + 8) ** 0.5
        measured.append(
            ArmEstimate(
                candidate=name,
                levels=[instruction, demos],
                n=len(values),
                score=fmean(values),
                mean=mean,
                low=mean - half,
                high=mean + half,
                probability=min(0.9994, 0.5 + 1.4 * (mean - 0.4)),
                tokens=240 + 35 * demos,
                seconds=0.5 + 0.05 * demos,
            )
        )

    def effect(kind: FactorKind, level: int, name: str, text: str, lift: float) -> LevelEffect:
        n = used[kind, level]
        half = 0.0 if level == 0 else 0.4 / (n + 4) ** 0.5
        return LevelEffect(
            predictor="self",
            kind=kind,
            level=level,
            name=name,
            text=text,
            mean=lift,
            low=lift - half,
            high=lift + half,
            n=n,
        )

    views = ["own", "data", "errors", "role", "template", "reflection"]
    effects = [
        effect("instruction", level, views[level], text, LIFTS[level]) for level, text in enumerate(instructions)
    ]
    effects += [
        effect("demos", level, name, f"{level} demos, {35 * level} tokens", DEMO_LIFTS[level])
        for level, name in enumerate(DEMO_SETS)
    ]
    features = [
        ("output_alone", "asks for the output alone, without explanation", 0.13, 0.02, 0.997, 3),
        ("lists_labels", "lists the labels", 0.07, 0.05, 0.94, 4),
        ("defines_labels", "says what each label means", 0.09, 0.09, 0.91, 1),
        ("asks_for_steps", "asks for steps or reasoning before the answer", 0.01, 0.08, 0.58, 1),
        ("length", "is long: doubling the words adds ½", -0.01, 0.05, 0.41, 6),
        ("persona", "gives the model a role", -0.05, 0.07, 0.12, 1),
    ]
    return SearchReport(
        batches=batch,
        rollouts=rollouts,
        ceiling=650,
        factors=[
            Factor(predictor="self", kind="instruction", levels=len(instructions)),
            Factor(predictor="self", kind="demos", levels=len(DEMO_SETS)),
        ],
        effects=effects,
        features=[
            FeatureEffect(
                predictor="self",
                name=name,
                meaning=meaning,
                mean=mean,
                low=mean - half,
                high=mean + half,
                probability=probability,
                levels=count,
            )
            for name, meaning, mean, half, probability, count in features
        ],
        measured=sorted(measured, key=lambda one: (-one.mean, one.candidate)),
        tried=len(scores),
        untried=[
            ArmEstimate(
                candidate="i4d3", levels=[4, 3], n=0, score=None, mean=0.7, low=0.52, high=0.88, probability=0.94
            )
        ],
        front=[],
    )


def leave_finetune_run(root: Path, run_id: str = "20260923-101500-tune", started: float = STARTED + 260_000) -> str:
    draw = random.Random(5)
    run = Writing(root, run_id, "bootstrap-finetune", started, model="local/smollm2-135m", teacher_lm="openai/gpt-4o")
    for index in range(40):
        run.rollout("teacher 1", index, float(draw.random() < 0.9), split="train", price=0.0045)
        run.tell(Progressed(phase="bootstrapping", done=index + 1, total=40, text=f"{index} passed"), 0.1)
    run.tell(
        TrainingStarted(
            student="self",
            device="cpu",
            parameters=134_515_008,
            trainable=4_884_480,
            rows=1180,
            refused={"too long": 2},
            steps=240,
            layout="packed behind the prefix they share, 3.1 × fewer tokens",
        )
    )
    for step in range(2, 241, 2):
        loss = 0.12 + 2.6 * 0.975**step + draw.gauss(0, 0.03)
        run.tell(
            TrainingStep(
                student="self",
                step=step,
                steps=240,
                loss=loss,
                tokens_per_second=880 + draw.gauss(0, 30),
                peak_bytes=1_310_000_000 + 700_000 * step,
                eta_seconds=(240 - step) * 0.9,
            ),
            1.8,
        )
        if step % 40 == 0:
            exact = 0.86 - 0.6 * 0.985**step
            dev = 0.2 + 2.4 * 0.974**step + (0.02 if step > 200 else 0)
            run.tell(DevScored(student="self", step=step, loss=dev, exact=exact, best=step <= 200))
    for name, share in (("base", 0.12), ("few-shot", 0.55), ("tuned", 0.85), ("teacher", 0.9)):
        for index in range(60):
            run.rollout(name, index, float(index < 60 * share), price=0.0045 if name == "teacher" else 0.0)
    tuned = finetune_report(students=[student("self")])
    assert tuned.comparison is not None
    arms = {arm.name: arm.score for arm in tuned.comparison.arms}
    gain = tuned.comparison.gains[0].gain
    run.finish(
        run.report(baseline=arms["base"], tuned=arms["tuned"], gain=gain, finetune=tuned),
        students=tuned.students,
        warnings=["only 38 inputs passed"],
    )
    return run_id


def leave_large_run(
    root: Path, run_id: str = "20260924-080000-huge", candidates: int = 10_000, started: float = STARTED + 340_000
) -> str:
    draw = random.Random(3)
    run = Writing(root, run_id, "mipro-v2", started)
    run.candidate("baseline", "baseline", None, state(INSTRUCTIONS[0], []))
    measured = []
    for number in range(candidates):
        name = f"i{number}d{number % 7}" if number else "baseline"
        if number:
            run.candidate(name, f"self: instruction {number}", "baseline", state(f"Variant {number}.", []))
        expected = 0.35 + 0.3 * draw.random()
        values = [float(draw.random() < expected) for _ in range(20 if number == 0 else 3 if number % 50 else 30)]
        for index, score in enumerate(values):
            run.rollout(name, index, score, with_call=False)
        run.tell(CandidateScored(candidate=name, name=name, score=interval(values)), 0.01)
        measured.append(
            ArmEstimate(
                candidate=name,
                levels=[number, number % 7],
                n=len(values),
                score=fmean(values),
                mean=0.5 * fmean(values) + 0.25,
                low=0.3,
                high=0.8,
                probability=0.6,
            )
        )
    report = SearchReport(
        batches=candidates // 4,
        rollouts=4 * candidates,
        ceiling=5 * candidates,
        factors=[
            Factor(predictor="self", kind="instruction", levels=candidates),
            Factor(predictor="self", kind="demos", levels=7),
        ],
        effects=[],
        features=[],
        measured=sorted(measured, key=lambda one: -one.mean),
        tried=candidates,
        untried=[],
        front=[],
    )
    run.store.commit_search(report)
    base = measured[0]
    assert base.score is not None
    scored = Score(score=base.score, low=base.score - 0.2, high=base.score + 0.2, n=base.n)
    run.finish(run.report(baseline=scored))
    return run_id


def leave_running_run(root: Path, run_id: str = "20260925-070000-live", started: float = STARTED + 420_000) -> str:
    """Its process is gone: it counts as interrupted, until something owns its folder."""
    return leave_search_run(root, run_id, batches=9, finished=False, started=started)


LEAVE: dict[str, Callable[[Path], str]] = {
    "bootstrap": leave_bootstrap_run,
    "search": leave_search_run,
    "finetune": leave_finetune_run,
    "large": leave_large_run,
    "running": leave_running_run,
    "hostile": lambda root: leave_search_run(root, "20260922-120000-host", hostile=True, started=STARTED + 170_000),
}


if __name__ == "__main__":
    for leave in LEAVE.values():
        leave(Path(sys.argv[1]))
