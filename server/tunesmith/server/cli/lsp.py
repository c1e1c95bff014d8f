"""`tunesmith lsp`: what an editor starts. Forwards bytes to the user's daemon, which outlives the window."""

import argparse


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--standalone",
        action="store_true",
        help="serve this one client from this process: no daemon, runs end with the editor",
    )
    # Editors' generic clients add it; stdio is the only transport there is.
    parser.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    from tunesmith.server.serve_editor import serve_editor

    return serve_editor(standalone=options.standalone)
