"""`tunesmith evaluate`: the score of a target as it is."""

import argparse

from tunesmith.server.cli.run_command import start_and_follow
from tunesmith.server.cli.run_options import add_run_options


def define(parser: argparse.ArgumentParser) -> None:
    add_run_options(parser)


def run(options: argparse.Namespace) -> int:
    return start_and_follow(options, optimizer="evaluate", keywords={})
