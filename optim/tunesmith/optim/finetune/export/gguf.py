"""A merged student as a GGUF file for llama.cpp, where its source is one: the source's file with other weights.

Tokenizer and hyperparameters are copied from the source's metadata; tensors are the student's, 8 bits a weight where
their rows allow it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.optim.finetune.errors import ExportRefused, ExtraMissing
from tunesmith.protocol.student import ModelSource

FAMILY = "llama"
"""The architecture whose tensors this knows: Llama, SmolLM2, Mistral."""
OWN_KEYS = ("GGUF.", "general.file_type", "general.quantization_version", "general.architecture")
"""Metadata the writer sets itself."""
OTHERWISE = "Export it as `hf` and convert that with llama.cpp's convert_hf_to_gguf.py, or serve it with torch."


def write_gguf(model: Any, source: ModelSource, file: Path) -> None:
    """`model` is a transformers model. Raises `ExportRefused` for other families and sources, and `ExtraMissing`."""
    if source.kind != "gguf" or source.path is None:
        raise ExportRefused("gguf", "the model it was tuned from is no GGUF file to take the tokenizer from", OTHERWISE)
    try:
        import gguf
    except ImportError as error:
        raise ExtraMissing("gguf") from error
    reader = gguf.GGUFReader(source.path)
    architecture = reader.fields["general.architecture"].contents()
    if architecture != FAMILY:
        raise ExportRefused("gguf", f"its source is of the architecture {architecture}, not {FAMILY}", OTHERWISE)
    writer = gguf.GGUFWriter(file, FAMILY)
    for name, field in reader.fields.items():
        if not name.startswith(OWN_KEYS):
            kinds = [*field.types, None]
            writer.add_key_value(name, field.contents(), kinds[0], kinds[1])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    weights = dict(_llama_weights(model))
    for tensor in reader.tensors:
        if tensor.name in weights:
            _add(writer, tensor.name, weights[tensor.name])
        else:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)  # tables, such as rope_freqs
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add(writer: Any, name: str, weight: NDArray[np.float32]) -> None:
    from gguf import GGMLQuantizationType
    from gguf.quants import QuantError, quantize

    if weight.ndim == 1:
        writer.add_tensor(name, weight)
        return
    try:
        kind = GGMLQuantizationType.Q8_0
        packed = quantize(weight, kind)
    except QuantError:
        kind = GGMLQuantizationType.F16
        packed = weight.astype(np.float16)
    writer.add_tensor(name, packed, raw_dtype=kind)


def _llama_weights(model: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The model's tensors by their names in a GGUF file, laid out as there."""
    import gguf

    config = model.config
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, parameter in model.state_dict().items():
        weight = parameter.detach().float().cpu().numpy()
        if name.endswith(("q_proj.weight", "q_proj.bias")):
            weight = interleaved(weight, config.num_attention_heads)
        elif name.endswith(("k_proj.weight", "k_proj.bias")):
            weight = interleaved(weight, config.num_key_value_heads)
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if known is None:
            raise ExportRefused("gguf", f"its tensor {name} has no place in a GGUF file", OTHERWISE)
        yield known, weight


def interleaved(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of queries or keys in llama.cpp's order: rotary positions turn neighbours there, halves in transformers."""
    halves = weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:])
    return halves.swapaxes(1, 2).reshape(weight.shape)
