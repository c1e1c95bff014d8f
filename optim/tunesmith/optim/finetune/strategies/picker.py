"""Which strategy suits a model, its data and the memory at hand, and why, in words for the user."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from tunesmith.optim.finetune.base_models import ModelDescription
from tunesmith.optim.finetune.errors import MemoryTooSmall
from tunesmith.optim.finetune.settings import LoraSettings
from tunesmith.protocol import BOOTSTRAP_FEWSHOT
from tunesmith.protocol.student import Method

FULL_FROM_ROWS = 1_000
"""With fewer rows LoRA does as well and forgets less (Biderman et al. 2024, 2405.09673)."""
FULL_UP_TO = 1_000_000_000
"""Parameters: above, LoRA matches full finetuning on data of this size at a fraction of the memory."""
PROMPT_FROM = 3_000_000_000
"""Parameters: below, plain soft prompts fall far behind (Lester et al. 2021, figure 1; P-Tuning v2, 2110.07602)."""
FEW_ROWS = 50
FEW_ROWS_A_TASK = 300
"""Below, tasks learn from each other's rows more than they get in each other's way."""

METHOD_WORDS: dict[Method, str] = {"full": "full finetuning", "lora": "LoRA", "prompt": "prompt tuning"}

Memory = Callable[[Method], int] | Mapping[Method, int]
"""Bytes a training by each method needs at its peak."""


class Pick(Struct, frozen=True, kw_only=True):
    """A method, and in words for the user why this one and what speaks against it."""

    method: Method
    multitask: bool
    """Whether one student should learn all predictors."""
    why: list[str]
    warnings: list[str]


def pick_strategy(
    description: ModelDescription,
    *,
    rows: int,
    tasks: int,
    memory: Memory,
    free_bytes: int,
    where: str = "this machine",
) -> Pick:
    """The best strategy that fits into `free_bytes` of `where`, for so many training rows and predictors (`tasks`).

    Raises `MemoryTooSmall` where none does.
    """
    needed = {method: _needed(memory, method) for method in METHOD_WORDS}
    fitting = [method for method in METHOD_WORDS if needed[method] <= free_bytes]
    if not fitting:
        smallest = min(needed, key=lambda method: needed[method])
        raise MemoryTooSmall(f"Finetuning {description.name}", needed[smallest], free_bytes, where, None)
    against_full = _against_full(description, rows)
    method = fitting[0]
    if against_full and "lora" in fitting:
        method = "lora"
    why = [_what_trains(description, method)]
    if method != "full":
        why.append(against_full or _too_big("full", needed, free_bytes, where))
    if method == "prompt" and "lora" not in fitting:
        why.append(_too_big("lora", needed, free_bytes, where))
    why.append(f"It needs about {_size(needed[method])} of the {_size(free_bytes)} free on {where}.")
    multitask, because = _one_student(description, method, rows, tasks)
    return Pick(
        method=method,
        multitask=multitask,
        why=[*why, *because],
        warnings=strategy_warnings(description, method, rows=rows, tasks=tasks if multitask else 1),
    )


def strategy_warnings(description: ModelDescription, method: Method, *, rows: int, tasks: int) -> list[str]:
    """What speaks against a method, picked or asked for, in sentences; `tasks` are those of one student."""
    found = []
    if rows < FEW_ROWS:
        found.append(
            f"{rows} training rows are few: below {FEW_ROWS} a finetuned model is seldom better than demos in the "
            f"prompt. Give more data, or try `--optimizer {BOOTSTRAP_FEWSHOT.name}`."
        )
    if method == "prompt" and description.parameters < PROMPT_FROM:
        shared = ", though prompts that tasks share do better than plain ones" if tasks > 1 else ""
        found.append(
            f"Prompt tuning is weak on models below about {_count(PROMPT_FROM)} parameters, and {description.name} "
            f"has {_count(description.parameters)}{shared}. Prefer LoRA where it fits."
        )
    if method == "full" and (reason := _against_full(description, rows)):
        found.append(f"{reason} Prefer LoRA.")
    return found


def asked_for(method: Method) -> str:
    """The reason for a method that nobody picked but the user."""
    return f"{_capital(METHOD_WORDS[method])} was asked for."


def _needed(memory: Memory, method: Method) -> int:
    return memory[method] if isinstance(memory, Mapping) else memory(method)


def _against_full(description: ModelDescription, rows: int) -> str | None:
    if description.parameters > FULL_UP_TO:
        return f"Full finetuning of {_count(description.parameters)} parameters gains little over LoRA."
    if rows < FULL_FROM_ROWS:
        return f"Full finetuning wants about {FULL_FROM_ROWS:,} rows, and there are {rows:,}."
    return None


def _what_trains(description: ModelDescription, method: Method) -> str:
    parameters = _count(description.parameters)
    if method == "full":
        return f"Full finetuning: the data suffice to train all {parameters} parameters of {description.name}."
    if method == "prompt":
        return f"Prompt tuning: a few input vectors are trained, and none of the {parameters} parameters."
    added = _count(description.lora_parameters(LoraSettings().rank))
    return f"LoRA: {added} parameters are trained beside the {parameters} of {description.name}, on every linear layer."


def _too_big(method: Method, needed: Mapping[Method, int], free_bytes: int, where: str) -> str:
    return (
        f"{_capital(METHOD_WORDS[method])} would need about {_size(needed[method])}, "
        f"more than the {_size(free_bytes)} free on {where}."
    )


def _one_student(description: ModelDescription, method: Method, rows: int, tasks: int) -> tuple[bool, list[str]]:
    if tasks <= 1:
        return False, []
    if rows < tasks * FEW_ROWS_A_TASK:
        return True, [f"One student for all {tasks} predictors: about {rows // tasks} rows each are few alone."]
    if method == "full":
        size = _size(4 * description.parameters)
        return True, [f"One student for all {tasks} predictors: each alone would be a model of {size}."]
    return False, [f"A student for each of the {tasks} predictors: about {rows // tasks:,} rows each suffice."]


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _count(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 1e9 else f"{parameters / 1e6:.1f}M"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
