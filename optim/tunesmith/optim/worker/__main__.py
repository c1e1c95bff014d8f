"""`python -m tunesmith.optim.worker`: executes one run for the daemon, in the user's interpreter.

Standard library first: where a package is missing, the first reply names it and the command that installs it.
"""

import os
import sys
import traceback

from tunesmith.optim.worker.requirements import missing_requirement, refuse
from tunesmith.optim.worker.standard_streams import take_over_streams

EXIT_REQUIREMENT_MISSING = 3


def main() -> int:
    """Serve one run. The exit status; `EXIT_REQUIREMENT_MISSING` where this interpreter lacks something."""
    streams = take_over_streams()
    if not sys.flags.safe_path and sys.path[0] == os.getcwd():  # noqa: PTH109 — compared as `-m` wrote it
        # `-m` puts the working folder first; a file named json.py there must not shadow what this process needs.
        del sys.path[0]
    if missing := missing_requirement():
        refuse(missing, streams.link_in, streams.link_out)
        return EXIT_REQUIREMENT_MISSING
    try:
        from tunesmith.optim.worker.serve import serve

        return serve(streams)
    except BaseException:
        # What is printed now would reach nobody: the daemon reads the standard error of before.
        os.write(streams.errors, traceback.format_exc().encode(errors="backslashreplace"))
        raise


if __name__ == "__main__":
    sys.exit(main())
