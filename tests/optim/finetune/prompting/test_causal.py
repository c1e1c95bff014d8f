"""Prompts through chat templates, and where answers end."""

from typing import Any

import pytest

pytest.importorskip("transformers")

from support.students.tiny_models import causal_tokenizer
from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.prompting.causal import CausalPrompting
from tunesmith.optim.finetune.prompting.for_model import prompting_for

pytestmark = pytest.mark.finetune

MESSAGES = [Message(role="system", content="Be brief."), Message(role="user", content="Is it {red}?")]
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{{ '<' + message['role'] + '>' + message['content'] + '<|im_end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)
OWN_END = "{% for message in messages %}{{ message['content'] + '<|im_start|>' }}{% endfor %}"


def tokenizer_with(template: str | None) -> Any:
    tokenizer = causal_tokenizer()
    tokenizer.chat_template = template
    return tokenizer


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        (
            causal_tokenizer().chat_template,
            (
                "<|im_start|>system\nBe brief.<|im_end|>\n"
                "<|im_start|>user\nIs it {red}?<|im_end|>\n<|im_start|>assistant\n"
            ),
        ),
        (NO_SYSTEM, "<user>Be brief.\n\nIs it {red}?<|im_end|><assistant>"),
        (None, "System:\nBe brief.\n\nUser:\nIs it {red}?\n\nAssistant:\n"),
    ],
)
def test_prompts_follow_the_template(template: str | None, prompt: str) -> None:
    tokenizer = tokenizer_with(template)
    assert tokenizer.decode(prompting_for(tokenizer, "causal").prompt_ids(MESSAGES)) == prompt


@pytest.mark.parametrize(("template", "ends"), [(NO_SYSTEM, [2]), (OWN_END, [1, 2]), (None, [2])])
def test_answers_end_as_the_template_ends_them(template: str | None, ends: list[int]) -> None:
    prompting = CausalPrompting(tokenizer_with(template))
    assert list(prompting.end_ids) == ends
    ids = prompting.target_ids("[[ ## label ## ]]\nyes\n\n[[ ## completed ## ]]\n", MESSAGES)
    assert ids[-1] == ends[0]
    assert prompting.answer([*ids, 7, 7], MESSAGES) == "[[ ## label ## ]]\nyes\n\n[[ ## completed ## ]]"


@pytest.mark.parametrize(
    ("target", "is_expressible"), [("é 漢 \t {x}", True), ("say <|im_end|> then", False), ("  stripped \n", True)]
)
def test_what_the_tokenizer_can_say(target: str, is_expressible: bool) -> None:
    assert CausalPrompting(causal_tokenizer()).is_expressible(target, MESSAGES) is is_expressible


def test_a_template_that_refuses_says_so() -> None:
    prompting = CausalPrompting(causal_tokenizer())
    prompting._tokenizer.chat_template = "{{ raise_exception('roles must alternate') }}"
    with pytest.raises(FinetuneError, match="roles must alternate"):
        prompting.prompt_ids(MESSAGES)
