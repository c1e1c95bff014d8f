"""From messages to token ids and back: the same for training and serving, so that a student meets what it learned."""

from tunesmith.optim.finetune.prompting.for_model import prompting_for
from tunesmith.optim.finetune.prompting.prompting import Prompting

__all__ = [
    "Prompting",
    "prompting_for",
]
