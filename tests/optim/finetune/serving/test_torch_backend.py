"""Batched answers with kept prefixes are those of plain generation, one by one."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from support.students.tiny_models import Kind, tiny_tokenizer  # noqa: E402
from support.students.tiny_students import architecture_of, tiny_student  # noqa: E402
from tunesmith.optim.adapters.messages import Message  # noqa: E402
from tunesmith.optim.finetune.prompting.for_model import prompting_for  # noqa: E402
from tunesmith.optim.finetune.serving.asks import Answer, Ask, PromptTooLong  # noqa: E402
from tunesmith.optim.finetune.serving.torch_backend import TorchBackend  # noqa: E402
from tunesmith.optim.finetune.serving.torch_models import base_model, open_student  # noqa: E402
from tunesmith.optim.finetune.training.target_loss import final_hidden, target_logits  # noqa: E402
from tunesmith.protocol.student import Method, read_student  # noqa: E402

pytestmark = pytest.mark.finetune

SYSTEM = Message(role="system", content="answer the question with the label of the text")
QUESTIONS = ["card", "where is my balance?", "a transfer of one", "¤ no", "the red card is in the list of names, yes"]
MESSAGES = [[SYSTEM, Message(role="user", content=question)] for question in QUESTIONS]


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def backend(folder: Path) -> TorchBackend:
    student = read_student(folder)
    return TorchBackend(open_student(folder, student, student.source), student.architecture)


def plain_answer(model: Any, kind: Kind, messages: list[Message], task: int, max_tokens: int) -> str:
    """For one prompt: transformers' own `generate`, or for soft prompts, whose `generate` is peft's, the likeliest
    token again and again by the hidden states that training computes."""
    prompting = prompting_for(tiny_tokenizer(kind), architecture_of(kind))
    ids = torch.tensor([prompting.prompt_ids(messages)])
    if getattr(model, "active_peft_config", None) is not None and model.active_peft_config.is_prompt_learning:
        return prompting.answer(likeliest(model, kind, ids, task, prompting.end_ids, max_tokens), messages)
    out = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=max_tokens,
        do_sample=False,
        eos_token_id=list(prompting.end_ids),
        pad_token_id=0,
    )[0].tolist()
    return prompting.answer(out[1:] if architecture_of(kind) == "seq2seq" else out[ids.shape[1] :], messages)


@torch.no_grad()
def likeliest(model: Any, kind: Kind, ids: Any, task: int, end_ids: Sequence[int], max_tokens: int) -> list[int]:
    out: list[int] = []
    task_ids = torch.tensor([task])
    while len(out) < max_tokens and (not out or out[-1] not in end_ids):
        if architecture_of(kind) == "seq2seq":
            inputs = {"input_ids": ids, "decoder_input_ids": torch.tensor([[0, *out]])}
        else:
            inputs = {"input_ids": torch.cat([ids, torch.tensor([out], dtype=torch.long)], dim=1)}
        hidden = final_hidden(model, task_ids=task_ids, **inputs)
        out.append(int(target_logits(model, hidden[0, -1:]).argmax()))
    return out


@pytest.mark.parametrize("kind", ["llama", "qwen3", "t5", "mt5"])
@pytest.mark.parametrize("method", ["full", "lora", "prompt"])
def test_batches_answer_like_plain_generation(tmp_path: Path, kind: Kind, method: Method) -> None:
    tasks = ["first", "second"]
    folder, model = tiny_student(tmp_path, kind, method, tasks=tasks)
    served = backend(folder)
    asks = [Ask(messages=messages, max_tokens=9, task=number % 2) for number, messages in enumerate(MESSAGES * 2)]
    with ThreadPoolExecutor(len(asks)) as pool:
        answers = list(pool.map(served.answer, asks))
    for ask, answer in zip(asks, answers, strict=True):
        assert answer.text == plain_answer(model, kind, ask.messages, ask.task, 9)
    assert len({answer.text for answer in answers}) > 1


def test_a_batch_is_one_computation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = tiny_student(tmp_path, "llama", "full")
    served = backend(folder)
    sizes: list[int] = []
    compute = served._compute

    def counted(turns: Sequence[Any], *others: Any) -> list[Answer]:
        sizes.append(len(turns))
        return compute(turns, *others)

    monkeypatch.setattr(served, "_compute", counted)
    monkeypatch.setattr("tunesmith.optim.finetune.serving.dispatching.QUIET_SECONDS", 5.0)
    monkeypatch.setattr("tunesmith.optim.finetune.serving.dispatching.PATIENCE_SECONDS", 5.0)
    monkeypatch.setattr("tunesmith.optim.finetune.serving.dispatching.BATCH_ROWS", 5)
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(served.answer, [Ask(messages=messages, max_tokens=3) for messages in MESSAGES]))
    assert sizes == [5]


def test_the_prefix_is_computed_once(tmp_path: Path) -> None:
    folder, _ = tiny_student(tmp_path, "llama", "lora")
    served = backend(folder)
    first, second = (served.answer(Ask(messages=messages, max_tokens=3)) for messages in MESSAGES[:2])
    assert first.cached_tokens == 0
    assert second.cached_tokens > len(SYSTEM.content) // 4
    assert second.cached_tokens < second.prompt_tokens


def test_students_of_one_source_share_its_tensors(tmp_path: Path) -> None:
    one, two = (tiny_student(tmp_path, "llama", "lora", seed=seed)[0] for seed in (1, 2))
    first, second = (open_student(folder, read_student(folder), read_student(folder).source) for folder in (one, two))
    base = base_model(read_student(one).source)
    weight = base.model.layers[0].self_attn.q_proj.weight
    for opened in (first, second):
        assert opened.model.model.layers[0].self_attn.q_proj.base_layer.weight.data_ptr() == weight.data_ptr()
    assert type(base.model.layers[0].self_attn.q_proj) is torch.nn.Linear


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_sampling_keeps_to_its_seed(tmp_path: Path, kind: Kind) -> None:
    served = backend(tiny_student(tmp_path, kind, "full")[0])

    def answer(seed: int, top_p: float = 1.0) -> str:
        ask = Ask(messages=MESSAGES[0], max_tokens=9, temperature=2.0, top_p=top_p, seed=seed)
        return served.answer(ask).text

    assert answer(3) == answer(3)
    assert len({answer(seed) for seed in range(6)}) > 1
    greedy = served.answer(Ask(messages=MESSAGES[0], max_tokens=9)).text
    assert {answer(seed, top_p=1e-6) for seed in range(3)} == {greedy}


def test_an_answer_ends_before_a_stop(tmp_path: Path) -> None:
    served = backend(tiny_student(tmp_path, "llama", "full")[0])
    whole = served.answer(Ask(messages=MESSAGES[0], max_tokens=12))
    stop = whole.text[4:6]
    cut = served.answer(Ask(messages=MESSAGES[0], max_tokens=12, stop=[stop]))
    assert cut.text == whole.text[: whole.text.index(stop)]
    assert (whole.finish, cut.finish) == ("length", "stop")
    assert cut.completion_tokens < whole.completion_tokens


def test_a_prompt_longer_than_the_context_is_refused(tmp_path: Path) -> None:
    served = backend(tiny_student(tmp_path, "llama", "full")[0])
    with pytest.raises(PromptTooLong, match="2048"):
        served.answer(Ask(messages=[Message(role="user", content="?!" * 1500)], max_tokens=3))
