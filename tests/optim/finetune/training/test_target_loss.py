"""The head on target positions alone gives transformers' own loss and gradients."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

from support.students.tiny_models import CAUSAL_KINDS, SEQ2SEQ_KINDS, tiny_model  # noqa: E402
from tunesmith.optim.finetune.batching.batches import BucketedBatches  # noqa: E402
from tunesmith.optim.finetune.batching.encoding import Encoded  # noqa: E402
from tunesmith.optim.finetune.training import target_loss  # noqa: E402
from tunesmith.optim.finetune.training.loss_module import TargetLoss, choose_head  # noqa: E402

pytestmark = pytest.mark.finetune

VOCABULARY = 100
SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
EXAMPLES = [
    Encoded([5, 6, 7, 8, 9], [10, 11, 12, 13], 0),
    Encoded([20, 21, 22, 23, 24, 25, 26, 27, 28], [30, 31], 1),
    Encoded([40, 41], [42, 43, 44], 1),
]
FAMILIES = {
    # What each does between its last layer and its logits: a cap, a factor, a divisor.
    "gemma2": lambda: transformers.Gemma2Config(head_dim=8, final_logit_softcapping=0.5, **SIZES),
    "cohere": lambda: transformers.CohereConfig(logit_scale=0.3, eos_token_id=1, **SIZES),
    "granite": lambda: transformers.GraniteConfig(logits_scaling=3.0, **SIZES),
    "gpt2": lambda: transformers.GPT2Config(
        vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=1
    ),
}


def own_loss(model: Any, *, has_tasks: bool) -> Any:
    """Mean over the targets, as transformers computes it from labels that are -100 everywhere else."""
    seq2seq = model.config.is_encoder_decoder
    rows = [(one.prompt, one.target) if seq2seq else (one.prompt + one.target, []) for one in EXAMPLES]
    width = max(len(row) for row, _ in rows)
    ids = torch.tensor([row + [0] * (width - len(row)) for row, _ in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row, _ in rows])
    if seq2seq:
        longest = max(len(one.target) for one in EXAMPLES)
        labels = [one.target + [-100] * (longest - len(one.target)) for one in EXAMPLES]
    else:
        labels = [[-100] * len(one.prompt) + one.target + [-100] * (width - one.tokens) for one in EXAMPLES]
    tasks = {"task_ids": torch.tensor([one.task for one in EXAMPLES])} if has_tasks else {}
    return model(input_ids=ids, attention_mask=mask, labels=torch.tensor(labels), **tasks).loss


def check_same_as_transformers(model: Any, *, has_tasks: bool = False) -> None:
    model.eval()
    seq2seq = model.config.is_encoder_decoder
    layout = BucketedBatches("seq2seq" if seq2seq else "causal", 1000, with_task_ids=has_tasks)
    (planned,) = layout.plan(EXAMPLES)
    batch = layout.build(planned, torch.device("cpu"))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    theirs = own_loss(model, has_tasks=has_tasks)
    ours = TargetLoss(model)(batch.inputs, batch.predictors, batch.labels) / len(batch.labels)
    assert float(ours.detach()) == pytest.approx(float(theirs.detach()), rel=1e-6)
    wanted, found = (
        torch.autograd.grad(loss, weights, materialize_grads=True, allow_unused=True) for loss in (theirs, ours)
    )
    scale = torch.stack([gradient.norm() for gradient in wanted]).norm()
    difference = torch.stack([(one - other).norm() for one, other in zip(found, wanted, strict=True)]).norm()
    assert float(scale) > 0
    assert float(difference) <= 1e-6 * float(scale)


@pytest.fixture(params=["whole", "in slices"])
def slices(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in slices":
        monkeypatch.setattr(target_loss, "LOGITS_AT_ONCE", 2 * VOCABULARY)


@pytest.mark.usefixtures("slices")
@pytest.mark.parametrize("kind", [*CAUSAL_KINDS, *SEQ2SEQ_KINDS])
def test_all_weights(kind: Any) -> None:
    check_same_as_transformers(tiny_model(kind))


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_of_other_families(family: str) -> None:
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(FAMILIES[family]())
    with torch.no_grad():
        model.get_output_embeddings().weight.mul_(20)
    check_same_as_transformers(model)


@pytest.mark.usefixtures("slices")
@pytest.mark.parametrize(
    ("kind", "task_type"), [("llama", "CAUSAL_LM"), ("t5", "SEQ_2_SEQ_LM"), ("flan-t5", "SEQ_2_SEQ_LM")]
)
@pytest.mark.parametrize("method", ["lora", "prompt", "prompts of two tasks"])
def test_through_peft(kind: Any, task_type: str, method: str) -> None:
    torch.manual_seed(0)
    prompt = {"task_type": task_type, "num_virtual_tokens": 4, "num_transformer_submodules": 1}
    config = {
        "lora": lambda: peft.LoraConfig(target_modules="all-linear", task_type=task_type, init_lora_weights=False),
        "prompt": lambda: peft.PromptTuningConfig(**prompt),
        "prompts of two tasks": lambda: peft.MultitaskPromptTuningConfig(num_tasks=2, **prompt),
    }[method]()
    model = peft.get_peft_model(tiny_model(kind), config)
    if method == "prompts of two tasks":
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "prefix_task" in name:
                    weight.normal_(1.0, 0.5)
    check_same_as_transformers(model, has_tasks=method == "prompts of two tasks")


@pytest.mark.parametrize("is_strange", [False, True])
def test_a_model_with_logits_of_its_own_computes_them_itself(is_strange: bool) -> None:
    model = tiny_model("llama")
    if is_strange:
        forward = model.forward

        def scaled(*args: Any, **kwargs: Any) -> Any:
            output = forward(*args, **kwargs)
            output.logits = output.logits * 7
            return output

        model.forward = scaled
    loss = TargetLoss(model)
    layout = BucketedBatches("causal", 1000)
    batch = layout.build(layout.plan(EXAMPLES)[0], torch.device("cpu"))
    choose_head(loss, batch)
    assert loss.is_whole is is_strange
    logits = model(**batch.inputs).logits.flatten(0, 1)[batch.predictors]
    losses, hits = loss(batch.inputs, batch.predictors, batch.labels, with_scores=True)
    wanted = torch.nn.functional.cross_entropy(logits, batch.labels, reduction="none")
    assert torch.allclose(losses, wanted, rtol=1e-5)
    assert torch.equal(hits, logits.argmax(dim=-1) == batch.labels)
    total = loss(batch.inputs, batch.predictors, batch.labels)
    assert float(total.detach()) == pytest.approx(float(wanted.sum().detach()), rel=1e-5)
