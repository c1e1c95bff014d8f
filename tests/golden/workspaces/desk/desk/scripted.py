"""A language model whose answer is a function of its prompt: demos and the word "only" make it right more often."""

import random
import re
from types import SimpleNamespace

import dspy

INSTRUCTIONS = (
    "Decide whether the message is about a loan or about a fine, and answer with that one word only.",
    "Read the message of a library's visitor carefully. Name its topic.",
    "A message that mentions money owed is about a fine; everything else is about a loan. Answer with one word.",
    "You sort the mail of a library. Say what this message is about and nothing else.",
)


def field(name, message):
    found = re.search(rf"\[\[ ## {name} ## \]\]\n(.*?)(?=\n\n|\Z)", message, re.DOTALL)
    return found.group(1) if found else ""


def answer(messages):
    """The text that a chat model would give."""
    asked = messages[-1]["content"]
    if "[[ ## text ## ]]" not in asked:
        if "<instruction>" in asked:
            return "\n".join(f"<instruction>{text}</instruction>" for text in INSTRUCTIONS)
        return "Short messages to a library, in English."
    text = field("text", asked)
    if "garbled" in text:
        return "???"
    if "`[[ ## topic ## ]]`" in asked:
        return parts(topic=sort(text, messages))
    topic = field("topic", asked)
    return parts(reasoning=f"It is about a {topic}.", reply=f"We look after your {topic}.")


def sort(text, messages):
    demos = sum(message["role"] == "assistant" for message in messages)
    chance = 0.35 + 0.2 * min(demos, 3) + 0.3 * ("only" in messages[0]["content"].rpartition("objective is:")[2])
    right, wrong = ("loan", "fine") if "loan" in text else ("fine", "loan")
    return right if random.Random(text).random() < chance else wrong


def parts(**fields):
    return "\n\n".join([*(f"[[ ## {name} ## ]]\n{text}" for name, text in fields.items()), "[[ ## completed ## ]]"])


class ScriptedModel(dspy.BaseLM):
    def __init__(self):
        super().__init__(model="scripted", model_type="chat", temperature=0.0, max_tokens=100, cache=False)

    def forward(self, prompt=None, messages=None, **kwargs):
        messages = messages or [{"role": "user", "content": prompt}]
        text = answer(messages)
        sent, told = sum(len(message["content"]) // 4 for message in messages), len(text) // 4
        return SimpleNamespace(
            choices=[SimpleNamespace(message=SimpleNamespace(content=text, tool_calls=None), finish_reason="stop")],
            usage={"prompt_tokens": sent, "completion_tokens": told, "total_tokens": sent + told},
            model="scripted",
        )
