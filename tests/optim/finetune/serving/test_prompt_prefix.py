"""What prompts of one predictor share, and what is kept of it."""

import pytest

pytest.importorskip("transformers")

from support.students.tiny_models import causal_tokenizer
from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.finetune.prompting.causal import CausalPrompting
from tunesmith.optim.finetune.serving.prompt_prefix import KeptPrefixes, shared_length

pytestmark = pytest.mark.finetune

SYSTEM = Message(role="system", content="label the text")


@pytest.mark.parametrize("question", ["a card", "¤ a card", "", "7"])
def test_the_prefix_ends_where_the_question_begins(question: str) -> None:
    tokenizer = causal_tokenizer()
    prompting = CausalPrompting(tokenizer)
    messages = [SYSTEM, Message(role="user", content=question)]
    prompt = prompting.prompt_ids(messages)
    prefix = tokenizer.decode(prompt[: shared_length(prompting, messages, prompt)])
    assert prefix == "<|im_start|>system\nlabel the text<|im_end|>\n<|im_start|>user\n"


def test_a_lone_message_shares_nothing() -> None:
    prompting = CausalPrompting(causal_tokenizer())
    messages = [Message(role="user", content="x")]
    assert shared_length(prompting, messages, prompting.prompt_ids(messages)) == 0


def test_what_was_used_longest_ago_is_dropped() -> None:
    kept: KeptPrefixes[str] = KeptPrefixes(room=5)
    computed: list[str] = []

    def get(key: tuple[int, ...], value: str) -> tuple[str, bool]:
        return kept.get(key, lambda: computed.append(value) or value)

    assert get((1, 1), "one") == ("one", False)
    assert get((2, 2), "two") == ("two", False)
    assert get((1, 1), "other") == ("one", True)
    assert get((3, 3), "three") == ("three", False)
    assert get((1, 1), "other") == ("one", True)
    assert get((2, 2), "two again") == ("two again", False)
    assert get((4,) * 9, "long") == ("long", False)
    assert get((4,) * 9, "other") == ("long", True)
