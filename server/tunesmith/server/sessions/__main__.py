"""`python -m tunesmith.server.sessions`: the daemon's process, as `joining.py` starts it."""

import argparse
import sys

from tunesmith.server.sessions.listen import IDLE_MINUTES, run_daemon


def main() -> int:
    parser = argparse.ArgumentParser(prog="tunesmith daemon", description="Serve tunesmith's clients on a socket.")
    parser.add_argument("--idle-minutes", type=float, default=IDLE_MINUTES)
    return run_daemon(idle_minutes=parser.parse_args().idle_minutes)


if __name__ == "__main__":
    sys.exit(main())
