"""`python -m tunesmith.optim.finetune.export PATH --format hf|ctranslate2|gguf`: prints where the export is."""

import argparse
import sys
from pathlib import Path

from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.export.export import export_student
from tunesmith.optim.finetune.export.formats import FORMATS


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 1 with one sentence on standard error where it cannot be exported."""
    parser = argparse.ArgumentParser(prog="python -m tunesmith.optim.finetune.export", description=__doc__)
    parser.add_argument("path", type=Path, help="the student's folder")
    parser.add_argument("--format", choices=FORMATS, required=True)
    parser.add_argument("--out", type=Path, help="where to; by default beside the student")
    given = parser.parse_args(arguments)
    out = None if given.out is None else given.out.expanduser().resolve()
    try:
        written = export_student(given.path.expanduser().resolve(), given.format, out)
    except FinetuneError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{written}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
