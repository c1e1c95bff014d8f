"""`python -m tunesmith.server.sessions`: the daemon's process, as `joining.py` starts it."""

import argparse
import sys

from tunesmith.server.errors import ServerError
from tunesmith.server.sessions.errors import SessionError
from tunesmith.server.sessions.listen import IDLE_MINUTES, run_daemon


def main() -> int:
    parser = argparse.ArgumentParser(prog="tunesmith daemon", description="Serve tunesmith's clients on a socket.")
    parser.add_argument("--idle-minutes", type=float, default=IDLE_MINUTES)
    try:
        return run_daemon(idle_minutes=parser.parse_args().idle_minutes)
    except (SessionError, ServerError) as error:
        sys.stderr.write(f"{error}\n")  # the last line is what whoever started it is told
        return 1


if __name__ == "__main__":
    sys.exit(main())
