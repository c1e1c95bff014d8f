"""Tiny randomly initialised models of each family, with tokenizers built on the spot: no weights, no network.

Import it after `pytest.importorskip("torch")`: torch and transformers are loaded when a model is built.
"""

from pathlib import Path
from typing import Any, Literal

Kind = Literal["llama", "smollm", "qwen2", "qwen3", "t5", "flan-t5", "mt5"]
CAUSAL_KINDS: tuple[Kind, ...] = ("llama", "smollm", "qwen2", "qwen3")
SEQ2SEQ_KINDS: tuple[Kind, ...] = ("t5", "flan-t5", "mt5")

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CORPUS = [
    "Your input fields are: 1. `text` (str): a message of a customer",
    "Your output fields are: 1. `label` (str): one of card, cash, balance, transfer",
    "In adhering to this structure, your objective is: answer the question with the label of the text.",
    "[[ ## text ## ]]\nMy card has not arrived yet, where is it?\n\n[[ ## label ## ]]\ncard\n\n[[ ## completed ## ]]",
    "Respond with the corresponding output fields, starting with the field `[[ ## label ## ]]`.",
    "Then end with the marker for `[[ ## completed ## ]]`.",
    '{"reasoning": "think step by step", "answer": "yes or no"}',
]
T5_UNKNOWN = frozenset("{}<\\^`~\n")
"""What no piece of T5's real vocabulary holds."""
T5_TEXT = (
    "the a of to and is in it with your input output fields label text answer question reasoning yes no card cash "
    "balance transfer one two three red green blue name value list true false"
)


def causal_tokenizer() -> Any:
    """Byte-level BPE with ChatML's template, end of turn `<|im_end|>` and no pad token, like many real ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|im_end|>", unk_token="<|endoftext|>"
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def t5_tokenizer() -> Any:
    """Unigram pieces in T5's layout: pad 0, `</s>` 1, unknown 2, the sentinels last and in reverse."""
    from transformers import T5Tokenizer

    characters = [chr(code) for code in range(33, 127) if chr(code) not in T5_UNKNOWN]
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -4.0)]
    pieces += [(f"▁{word}", -5.0) for word in T5_TEXT.split()]
    pieces += [(character, -9.0) for character in characters]
    pieces += [(f"<extra_id_{number}>", 0.0) for number in reversed(range(100))]
    return T5Tokenizer(vocab=pieces)


def tiny_config(kind: Kind) -> Any:
    """Two layers, 64 wide, a vocabulary that holds the tokenizer's."""
    import transformers

    if kind in SEQ2SEQ_KINDS:
        vocabulary = {"vocab_size": 320, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
        sizes = {"d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4, "dropout_rate": 0.0}
        if kind == "t5":
            return transformers.T5Config(**vocabulary, **sizes, feed_forward_proj="relu", tie_word_embeddings=True)
        family = transformers.T5Config if kind == "flan-t5" else transformers.MT5Config
        return family(**vocabulary, **sizes, feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    sizes = {
        "vocab_size": 512,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 2048,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "tie_word_embeddings": kind != "llama",
    }
    if kind == "qwen2":
        return transformers.Qwen2Config(**sizes)
    if kind == "qwen3":
        return transformers.Qwen3Config(**sizes, head_dim=16)
    return transformers.LlamaConfig(**sizes)


def tiny_model(kind: Kind, seed: int = 0) -> Any:
    """In fp32, in eval mode. The same seed gives the same weights and leaves torch's generator as it was."""
    import torch

    from tunesmith.optim.finetune.base_models.loading import model_from_config

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return model_from_config(tiny_config(kind)).eval()


def tiny_llama(seed: int = 0) -> Any:
    return tiny_model("llama", seed)


def tiny_smollm(seed: int = 0) -> Any:
    return tiny_model("smollm", seed)


def tiny_qwen(seed: int = 0) -> Any:
    return tiny_model("qwen2", seed)


def tiny_t5(seed: int = 0) -> Any:
    return tiny_model("t5", seed)


def tiny_tokenizer(kind: Kind) -> Any:
    return t5_tokenizer() if kind in SEQ2SEQ_KINDS else causal_tokenizer()


def tiny_model_folder(folder: Path, kind: Kind, seed: int = 0) -> Path:
    """A complete Hugging Face folder: configuration, safetensors, tokenizer."""
    tiny_model(kind, seed).save_pretrained(folder)
    tiny_tokenizer(kind).save_pretrained(folder)
    return folder
