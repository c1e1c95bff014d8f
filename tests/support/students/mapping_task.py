"""A synthetic task that a tiny model learns in seconds: words to labels, one rule for each of two predictors."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.finetune.rows import Row, write_rows
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training.messages import TrainSpec
from tunesmith.protocol.student import ModelSource

WORDS = {"one": "red", "two": "green", "three": "blue", "true": "card", "false": "cash"}
OTHERS = ("the", "of", "to", "is", "with", "value", "name", "list")
INSTRUCTIONS = {
    "color": "Answer the question with the label of the text.",
    "opposite": "Name the value of the list with yes or no.",
}


def mapping_rows(count: int, *, tasks: Sequence[str] = ("color",), seed: int = 0) -> list[Row]:
    """Texts of three words, one of which decides."""
    random, rows = Random(seed), []
    for number in range(count):
        task = tasks[number % len(tasks)]
        word = random.choice(list(WORDS))
        text = [word, *random.choices(OTHERS, k=2)]
        random.shuffle(text)
        answer = WORDS[word] if task == "color" else "yes" if word in ("one", "true") else "no"
        rows.append(
            Row(
                predictor=task,
                example=number,
                source=str(number),
                messages=[
                    Message(role="system", content=INSTRUCTIONS.get(task, "Is it?")),
                    Message(role="user", content=" ".join(text)),
                ],
                target=answer,
                score=1.0,
            )
        )
    return rows


def mapping_spec(model: Path, folder: Path, settings: TrainSettings, *, rows: int = 320, dev: int = 48) -> TrainSpec:
    """Rows written to `folder`, to be trained on the model of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "train.jsonl", mapping_rows(rows, tasks=settings.tasks))
    write_rows(folder / "dev.jsonl", mapping_rows(dev, tasks=settings.tasks, seed=1))
    return TrainSpec(
        source=ModelSource(name="tiny", kind="folder", path=str(model)),
        settings=settings,
        train=str(folder / "train.jsonl"),
        dev=str(folder / "dev.jsonl"),
        folder=str(folder),
    )
