"""Writing a run's folder as its worker would, at the times it would."""

from pathlib import Path
from typing import Any, Literal

import msgspec

from support.page_runs.made_up import MESSAGES
from tunesmith.protocol import (
    ArtifactReport,
    Candidate,
    ConfiguredTarget,
    LmCall,
    Rollout,
    RunEvent,
    RunReport,
    RunSpec,
    StatusChanged,
    Step,
    encode,
)
from tunesmith.protocol.store import RunStore


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
