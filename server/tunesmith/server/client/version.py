"""What the greeting and the socket's name carry. Restated here, and compared with the distribution and with
`protocol.wire` by a test, because looking either up costs the forwarder more than everything else it does."""

VERSION = "0.1.0"
PROTOCOL = 3
