"""A merged student as a CTranslate2 model with 8-bit weights: T5 and most decoders on a CPU."""

import tempfile
from pathlib import Path

import msgspec

from tunesmith.optim.finetune.base_models import quiet_transformers, reason_of
from tunesmith.optim.finetune.errors import ExportRefused, ExtraMissing
from tunesmith.optim.finetune.export.merged import Merged, save_merged

OTHERWISE = "Export it as `hf`, or serve it with torch."
VOCABULARIES = ("shared_vocabulary.json", "vocabulary.json", "source_vocabulary.json", "target_vocabulary.json")


def write_ctranslate2(merged: Merged, folder: Path) -> None:
    """Raises `ExportRefused` for a family that CTranslate2 does not know, and `ExtraMissing`."""
    try:
        from ctranslate2.converters import TransformersConverter
    except ImportError as error:
        raise ExtraMissing("ctranslate2") from error
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".merged-") as scratch, quiet_transformers():
        save_merged(merged, Path(scratch))
        try:
            TransformersConverter(scratch).convert(str(folder), quantization="int8", force=True)
        except (ValueError, NotImplementedError, AttributeError, KeyError) as error:
            # A family it does not know, and what it trips over in configurations it was not written for.
            raise ExportRefused("ctranslate2", f"its converter says: {reason_of(error)}", OTHERWISE) from error
    for name in VOCABULARIES:
        if (folder / name).is_file():
            _name_once(folder / name)


def _name_once(vocabulary: Path) -> None:
    """Embeddings beyond the tokenizer are given names of sentinels, which would then mean those."""
    tokens: list[str] = msgspec.json.decode(vocabulary.read_bytes())
    seen: set[str] = set()
    for place, token in enumerate(tokens):
        if token in seen:
            tokens[place] = f"<unused_{place}>"
        seen.add(tokens[place])
    vocabulary.write_bytes(msgspec.json.encode(tokens))
