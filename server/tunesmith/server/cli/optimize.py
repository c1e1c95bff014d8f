"""`tunesmith optimize`: tune a target in the background and show how it goes."""

import argparse

from tunesmith.server.cli.options import add_execution, add_limits, add_models, add_target
from tunesmith.server.cli.run_command import start_and_follow
from tunesmith.server.cli.tuning_options import add_tuning_options, tuning_keywords


def define(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    add_models(parser, tuning=True)
    add_tuning_options(parser)
    add_limits(parser)
    add_execution(parser, spends=True)


def run(options: argparse.Namespace) -> int:
    return start_and_follow(options, optimizer=options.optimizer, keywords=tuning_keywords(options))
