"""What transformers and its company said went wrong, as one clause."""


def reason_of(error: BaseException) -> str:
    text = str(error)
    if "trust_remote_code" in text:
        return "it needs code of its own, which is not run here"
    if "gated repo" in text:
        return "its owner asks for consent, so agree on its page and run `hf auth login`"
    if "safetensors" in text and ("no file named" in text or "have a file named" in text):
        return "it has no weights as safetensors, and no other format is loaded"
    lines = text.strip().splitlines() or [type(error).__name__]
    return lines[0].strip().rstrip(".:")[:200]


def missing_module(error: ImportError) -> str:
    """The module that an import failed for; transformers names some in its text only."""
    optional = ("gguf", "sentencepiece", "accelerate", "tiktoken", "protobuf")
    return error.name or next((name for name in optional if name in str(error)), "transformers")
