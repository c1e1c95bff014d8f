"""`python -m tunesmith.optim.finetune.forecast`: what was claimed of finetuning T5-base, beside our figures."""

import argparse
import sys

import msgspec

from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.extra import require_extra


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 1 with one sentence on standard error where a package is missing."""
    parser = argparse.ArgumentParser(prog="python -m tunesmith.optim.finetune.forecast", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    given = parser.parse_args(arguments)
    try:
        require_extra()
        # Here, because it imports torch, which may be what is missing.
        from tunesmith.optim.finetune.forecast.claims import claim_lines, t5_base_claims

        claims = t5_base_claims()
    except FinetuneError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = msgspec.json.encode(claims).decode() if given.json else "\n".join(claim_lines(claims))
    sys.stdout.write(f"{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
