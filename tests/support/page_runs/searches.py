"""Searches: one of the usual size, one with text that is hostile, one that goes on, and a large one."""

import random
from collections import defaultdict
from pathlib import Path
from statistics import fmean

import msgspec

from support.page_runs.made_up import (
    CHANGED,
    DEMO_LIFTS,
    DEMO_SETS,
    DEMOS,
    HOSTILE,
    INSTRUCTIONS,
    LIFTS,
    STARTED,
    demo,
    gain_between,
    interval,
    state,
)
from support.page_runs.writing import Writing
from tunesmith.protocol import (
    Analysed,
    ArmEstimate,
    BatchArm,
    BatchClosed,
    Belief,
    CandidateScored,
    Factor,
    FactorKind,
    FeatureEffect,
    InstructionsProposed,
    LevelEffect,
    Progressed,
    Score,
    SearchReason,
    SearchReport,
)


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
