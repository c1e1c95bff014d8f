"""What an editor starts: `tunesmith lsp`, or `python -m tunesmith.server.serve_editor` without the command line's cost.

By default a forwarder to the user's daemon; with `--standalone` the daemon itself, in this process.
"""

import socket
import sys


def serve_editor(*, standalone: bool = False) -> int:
    """Serve the client on standard input and output until either side ends, and return the exit code.

    `standalone` keeps everything in this process, without a daemon; so does a platform without Unix sockets.
    """
    if standalone or not hasattr(socket, "AF_UNIX"):
        from tunesmith.server.daemon import serve_standalone

        return serve_standalone()
    from tunesmith.server.client import forward_stdio

    return forward_stdio()


if __name__ == "__main__":
    sys.exit(serve_editor(standalone="--standalone" in sys.argv[1:]))
