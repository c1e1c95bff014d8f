"""`tunesmith evaluate`: the score of a target as it is."""

import argparse

from tunesmith.server.cli.options import add_execution, add_limits, add_models, add_target
from tunesmith.server.cli.run_command import start_and_follow


def define(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    add_models(parser, tuning=False)
    add_limits(parser)
    add_execution(parser, spends=True)


def run(options: argparse.Namespace) -> int:
    return start_and_follow(options, optimizer="evaluate", keywords={})
