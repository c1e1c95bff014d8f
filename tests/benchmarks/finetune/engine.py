"""One engine in a process of its own: `engine.py MODEL ENGINE QUERIES`. The last line it prints is its `Rate`."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from benchmarks.finetune.queries import Rate, rate_of
from tunesmith.optim.finetune.base_models.bundled import bundled_config
from tunesmith.optim.finetune.base_models.identifying import identify
from tunesmith.optim.finetune.base_models.loading import load_model, load_tokenizer
from tunesmith.optim.finetune.export.export import export_student
from tunesmith.optim.finetune.prompting.for_model import prompting_for
from tunesmith.optim.finetune.serving.asks import Answer, Ask
from tunesmith.optim.finetune.serving.backends import Engine, Served, backend_of
from tunesmith.optim.finetune.serving.llama_backend import LlamaBackend
from tunesmith.optim.finetune.serving.opening import served_student
from tunesmith.optim.finetune.strategies.weights import weights_fingerprint
from tunesmith.optim.local_lms.server import serve_file
from tunesmith.protocol.student import MODEL, TOKENIZER, Architecture, ModelSource, Student, write_student

T5 = "t5-base"
EMBEDDED = "local/smollm2-135m"
PEER = "transformers' generate, one at a time"


def t5_student(folder: Path) -> Path:
    """A student of T5-base's shape; its weights are random."""
    import torch
    import transformers

    from support.students.tiny_models import t5_tokenizer

    torch.manual_seed(0)
    transformers.T5ForConditionalGeneration(bundled_config(T5)).save_pretrained(folder / MODEL)
    t5_tokenizer().save_pretrained(folder / TOKENIZER)
    student = Student(
        source=ModelSource(name=T5, kind="hub"),
        architecture="seq2seq",
        method="full",
        tasks=["module"],
        weights="model",
        max_new_tokens=64,
        fingerprint=weights_fingerprint(folder),
        created=0.0,
    )
    write_student(folder, student)
    return folder


def serve_t5(engine: Engine, queries: int) -> Rate:
    with tempfile.TemporaryDirectory() as scratch:
        folder = t5_student(Path(scratch) / "student")
        if engine == "ctranslate2":
            export_student(folder, "ctranslate2")
        _, served = served_student(folder, engine)
        return rate_of(backend_of(served).answer, queries)


def serve_embedded_with_torch(queries: int) -> Rate:
    served = Served(folder=None, fingerprint="", source=identify(EMBEDDED), architecture="causal")
    return rate_of(backend_of(served).answer, queries)


def serve_embedded_with_llama(queries: int) -> Rate:
    source = identify(EMBEDDED)
    *_, native = serve_file(Path(str(source.path)), "student")
    return rate_of(LlamaBackend(native, load_tokenizer(source)).answer, queries)


def generate_t5(queries: int) -> Rate:
    with tempfile.TemporaryDirectory() as scratch:
        folder = t5_student(Path(scratch) / "student")
        model = load_model(ModelSource(name=T5, kind="folder", path=str(folder / MODEL)))
        tokenizer = load_tokenizer(ModelSource(name=T5, kind="folder", path=str(folder / TOKENIZER)))
        return rate_of(_generate(model, tokenizer, "seq2seq"), queries, callers=1)


def generate_embedded(queries: int) -> Rate:
    source = identify(EMBEDDED)
    return rate_of(_generate(load_model(source), load_tokenizer(source), "causal"), queries, callers=1)


def _generate(model: Any, tokenizer: Any, architecture: Architecture) -> Callable[[Ask], Answer]:
    """The peer: transformers' `generate`, a query at a time, on a GPU in bf16 as ours."""
    import torch

    if torch.cuda.is_available():
        model = model.to("cuda", torch.bfloat16)
    prompting = prompting_for(tokenizer, architecture)

    def answer(ask: Ask) -> Answer:
        prompt = prompting.prompt_ids(ask.messages)
        ids = torch.tensor([prompt], device=model.device)
        written = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=ask.max_tokens,
            do_sample=False,
            eos_token_id=list(prompting.end_ids),
        )
        answer_ids = written[0, len(prompt) if architecture == "causal" else 1 :].tolist()
        return Answer(
            text=prompting.answer(answer_ids, ask.messages),
            finish="length",
            prompt_tokens=len(prompt),
            completion_tokens=len(answer_ids),
        )

    return answer


ENGINES: dict[str, dict[str, Callable[[int], Rate]]] = {
    "T5-base, random weights": {
        "ctranslate2, int8": lambda queries: serve_t5("ctranslate2", queries),
        "torch": lambda queries: serve_t5("torch", queries),
        PEER: generate_t5,
    },
    "SmolLM2-135M": {
        "llama, Q4_1": serve_embedded_with_llama,
        "torch": serve_embedded_with_torch,
        PEER: generate_embedded,
    },
}


def run_apart(model: str, engine: str, queries: int) -> Rate:
    """Raises CalledProcessError; what went wrong is then on standard error."""
    command = [sys.executable, __file__, model, engine, str(queries)]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return msgspec.json.decode(said.splitlines()[-1], type=Rate)


if __name__ == "__main__":
    print(msgspec.json.encode(ENGINES[sys.argv[1]][sys.argv[2]](int(sys.argv[3]))).decode(), flush=True)
