"""Instructions as dspy reads them back: `Signature.instructions` is `inspect.cleandoc` of the class's docstring.

So whatever carries an instruction (a docstring, an argument, a saved state), tabs, a common indentation and blank
lines at the edges never come back, and later lines lose what they are all indented by. A line break put before the
text keeps that last one.
"""

import inspect


def decode_instruction(text: str, times: int = 1) -> str:
    """What dspy gives back. `times`: how often it is read on the way (`ChainOfThought` copies its signature)."""
    for _ in range(times):
        text = inspect.cleandoc(text)
    return text


def encode_instruction(text: str, times: int = 1) -> str | None:
    """The string that dspy reads as exactly `text`; None where there is none."""
    if not is_encodable(text, times):
        return None
    candidates = [text, f"\n{text}"] if text else ["\n"]  # an empty argument stands for dspy's default
    return next((one for one in candidates if decode_instruction(one, times) == text), None)


def normalize_instruction(text: str) -> str:
    """A text that dspy may not have read yet, as it reads it."""
    return text if encode_instruction(text) is not None else decode_instruction(text)


def is_same_instruction(standing: str | None, text: str) -> bool:
    """Whether the instruction a predictor has is a text that dspy may not have read yet."""
    return standing in (text, decode_instruction(text))


def is_encodable(text: str, times: int = 1) -> bool:
    """Whether a text may come through, read by every Python: from 3.13 on, `cleandoc` takes spaces alone for
    indentation. An empty one becomes dspy's default where it is read twice."""
    if not text and times > 1:
        return False
    return all(line.lstrip() == line.lstrip(" ") for line in text.split("\n"))
