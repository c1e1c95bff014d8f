"""A finished run of a target whose calls said what they used, as its worker would have left it."""

from pathlib import Path
from typing import Any

from tunesmith.protocol import ConfiguredTarget, LmCall, Rollout, RunReport, RunSpec, RunStatus, Score, StatusChanged
from tunesmith.protocol.store import RunStore

TARGET = ConfiguredTarget(name="classify", program="a:b", metric=None, trainset=None, file="p", line=1)


def leave_run(
    root: Path,
    run_id: str,
    *,
    status: RunStatus = "finished",
    turns: int = 2,
    prompt_tokens: int = 1000,
    completion_tokens: int = 10,
    model: str = "openai/gpt-4o-mini",
    score: float = 0.25,
    **changes: Any,
) -> None:
    """Four rollouts of the baseline, each of so many `turns`, every one of which used so many tokens; and one of
    another candidate. `changes` of the order."""
    run_dir = root / "runs" / run_id
    order: dict[str, Any] = {"target": TARGET, "optimizer": "evaluate"} | changes
    spec = RunSpec(run_id=run_id, run_dir=str(run_dir), root=str(root), interpreter="python", **order)
    report = RunReport(
        run_id=run_id,
        status=status,
        optimizer=spec.optimizer,
        target=spec.target.name,
        baseline=Score(score=score, low=score, high=score, n=4),
        tuned=None,
        gain=None,
        calls=4 * turns,
        tokens=0,
        usd=None,
        seconds=1.0,
        artifact=None,
    )
    with RunStore.open(run_dir) as store:
        store.commit_spec(spec)
        store.append_event(StatusChanged(status="running"))
        for index in range(5):
            store.commit_rollout(rollout := _rollout(index, "baseline" if index < 4 else "tuned"))
            for turn in range(turns):
                store.commit_call(_call(rollout.key, turn, model, prompt_tokens, completion_tokens))
        store.commit_report(report)
        store.append_event(StatusChanged(status=status))


def _rollout(index: int, candidate: str) -> Rollout:
    return Rollout(
        key=f"{candidate} {index}",
        candidate=candidate,
        example=str(index),
        index=index,
        split="val",
        sample=0,
        status="scored",
        score=1.0,
        accepted=True,
        prediction={},
        steps=[],
        seconds=1.0,
    )


def _call(rollout: str, turn: int, model: str, prompt_tokens: int, completion_tokens: int) -> LmCall:
    return LmCall(
        key=f"{rollout} {turn}",
        rollout=rollout,
        model=model,
        request={},
        outputs=[],
        # Of the other candidate nothing must be counted.
        prompt_tokens=prompt_tokens if rollout.startswith("baseline") else 99_999,
        completion_tokens=completion_tokens,
        usd=None,
        seconds=1.0,
        cache_hit=False,
    )
