"""The editor's way to the daemon: bytes from standard input to its socket and back.

Imports neither pygls nor msgspec: an editor waits for this process before it sees anything.
"""

import sys

from tunesmith.server.client.errors import DaemonLost, SessionError
from tunesmith.server.client.join import join
from tunesmith.server.client.paths import log_file
from tunesmith.server.client.pump import pump_bytes


def forward_stdio() -> int:
    """Join the user's daemon, and serve the editor on standard input and output until either side ends.

    Returns 0 after the client's `exit` or the end of input, 1 when the daemon went away (the editor then starts its
    command anew, which starts a daemon).
    """
    try:
        joined = join(client="lsp")
    except SessionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if pump_bytes(joined.connection, sys.stdin.fileno(), sys.stdout.fileno()):
        return 0
    sys.stderr.write(f"{DaemonLost(log_file())}\n")
    return 1
