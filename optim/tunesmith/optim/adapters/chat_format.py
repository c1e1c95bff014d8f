"""What dspy's ChatAdapter writes into messages, and how it reads an answer (dspy/adapters/chat_adapter.py)."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tunesmith.optim.adapters.chat_grammar import constrain
from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.adapters.prompt_format import Constraint

HEADER = re.compile(r"\[\[ ## (\w+) ## \]\]")
COMPLETED = "completed"
STRUCTURE = "All interactions will be structured in the following way, with the appropriate values filled in.\n"
OBJECTIVE = re.compile(
    r"\[\[ ## completed ## \]\]\nIn adhering to this structure, your objective is: (.*)\Z", re.DOTALL
)
REMINDER = "Respond with the corresponding output fields, starting with the field `[[ ## "
NOT_SUPPLIED = "Not supplied for this particular example."


class ChatTask(NamedTuple):
    """`PromptTask` of a prompt that ChatAdapter wrote."""

    objective: str
    inputs: list[str]
    outputs: list[str]

    def turn_fields(self, message: Message) -> dict[str, str]:
        if message.role == "assistant":
            supplied = fields_of(message.content, self.outputs)
            return {name: value for name, value in supplied.items() if value != NOT_SUPPLIED}
        return shown_fields(without_reminder(message.content)[0], self.inputs)

    def answer_fields(self, text: str) -> dict[str, str]:
        return fields_of(text, self.outputs)

    def answer_text(self, fields: Mapping[str, str]) -> str:
        sections = [f"[[ ## {name} ## ]]\n{value}" for name, value in fields.items()]
        return "\n\n".join([*sections, f"[[ ## {COMPLETED} ## ]]"])


class ChatFormat:
    """`PromptFormat` of ChatAdapter: fields under headers such as `[[ ## name ## ]]`."""

    tokens_per_field = 8
    system_tokens = 400
    short_form_share = 0.3

    def read_task(self, messages: Sequence[Message]) -> ChatTask | None:
        return chat_task(messages)

    def constrain(self, fields: Mapping[str, Any]) -> Constraint | None:
        return constrain(fields)


def chat_task(messages: Sequence[Message]) -> ChatTask | None:
    """None for messages that ChatAdapter did not write."""
    if len(messages) < 2 or messages[0].role != "system" or messages[-1].role != "user":
        return None
    system, (_, reminder) = messages[0].content, without_reminder(messages[-1].content)
    objective = OBJECTIVE.search(system)
    if objective is None or not reminder or STRUCTURE not in system:
        return None
    outputs = _names(HEADER.findall(reminder))
    structure = system[system.index(STRUCTURE) : objective.start()]
    shown = _names(match[1] for line in structure.splitlines() if (match := HEADER.fullmatch(line)))
    return ChatTask(" ".join(objective[1].split()), [name for name in shown if name not in outputs], outputs)


def without_reminder(content: str) -> tuple[str, str]:
    """A user's message, and the sentence at its end that names the output fields ("" where there is none)."""
    start = content.rfind(REMINDER)
    if start < 0 or (start > 0 and not content[:start].endswith("\n\n")):
        return content, ""
    return content[:start], content[start:]


def fields_of(text: str, names: Collection[str]) -> dict[str, str]:
    """Values by field, as ChatAdapter reads an answer: a header starts a line, the first of its name counts."""
    sections: list[tuple[str | None, list[str]]] = [(None, [])]
    for line in text.splitlines():
        if match := HEADER.match(line.strip()):
            rest = line[match.end() :].strip()
            sections.append((match[1], [rest] if rest else []))
        else:
            sections[-1][1].append(line)
    fields: dict[str, str] = {}
    for name, lines in sections:
        if name in names and name is not None:
            fields.setdefault(name, "\n".join(lines).strip())
    return fields


def shown_fields(text: str, names: Collection[str]) -> dict[str, str]:
    """Values by input field. Here only the known names are headers: text that looks like another one is a value."""
    pattern = rf"^\[\[ ## ({'|'.join(map(re.escape, names))}) ## \]\]$"
    pieces = re.split(pattern, text, flags=re.MULTILINE) if names else [text]
    fields: dict[str, str] = {}
    for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
        fields[name] = f"{fields[name]}\n{value.strip()}" if name in fields else value.strip()
    return fields


def _names(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name != COMPLETED]
