"""A run that finds demos, and one that trains a student."""

import random
from pathlib import Path

from support.page_runs.made_up import DEMOS, INSTRUCTIONS, STARTED, gain_between, interval, state
from support.page_runs.writing import Writing
from support.runs.finetune_samples import finetune_report, student
from tunesmith.protocol import (
    CandidateScored,
    DevScored,
    Printed,
    Progressed,
    RoundEnded,
    TrainingStarted,
    TrainingStep,
    Warned,
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
