"""A student in other programs' formats."""

import shutil
from pathlib import Path

from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.export.ctranslate2 import write_ctranslate2
from tunesmith.optim.finetune.export.formats import GGUF_FILE, Format, export_folder, write_record
from tunesmith.optim.finetune.export.merged import merge_student, save_merged
from tunesmith.optim.finetune.student import checked_student, present_source


def export_student(folder: Path, format_: Format, out: Path | None = None) -> Path:
    """Write the student of `folder` as `format_` and say where: into `out`, or beside it for `load_student` to find.

    `hf` is a merged Hugging Face folder, which vLLM and others read; `ctranslate2` a model with 8-bit weights; `gguf` a
    folder with one file for llama.cpp, for students of a GGUF file. An earlier export beside the student is replaced;
    an `out` that holds something is not.

    Raises `StudentMissing`, `ExportRefused`, `ExtraMissing`, and `FinetuneError` where it cannot be written.
    """
    student = checked_student(folder)
    source = present_source(folder, student)
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FinetuneError(f"{out} exists and is no empty folder.", "Choose another place for the export.")
    final = export_folder(folder, format_) if out is None else out
    scratch = final.with_name(f".{final.name}.unfinished")
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        merged = merge_student(folder, student, source, format_)
        if format_ == "hf":
            save_merged(merged, scratch)
        elif format_ == "ctranslate2":
            write_ctranslate2(merged, scratch)
        else:
            from tunesmith.optim.finetune.export.gguf import write_gguf

            write_gguf(merged.model, source, scratch / GGUF_FILE)
        write_record(scratch, student.fingerprint)
        shutil.rmtree(final, ignore_errors=True)
        scratch.replace(final)
    except OSError as error:
        raise FinetuneError(f"{final} cannot be written: {error}.", "Free space or choose another place.") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return final
