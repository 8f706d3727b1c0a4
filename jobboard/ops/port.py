"""The port of `make run`. Standard library only, so that it can be checked before dependencies are installed."""

import os
import socket
import sys


class PortUnavailable(Exception):
    """The port cannot be used; the message says why and what to do."""


def listen(text: str | None = None) -> socket.socket:
    """Return a socket listening on 127.0.0.1, on the port `text`, else $PORT, else 8000. Raises PortUnavailable."""
    text = os.environ.get("PORT", "") if text is None else text
    try:
        port = int(text or 8000)
    except ValueError:
        port = 0
    if not 1024 <= port <= 65535:
        raise PortUnavailable(f"PORT={text} is not a port: choose one from 1024 to 65535, as in: make run PORT=8001")
    server = socket.socket()
    # Without it the port stays in use for a minute after the last run (TIME_WAIT).
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
        server.listen(512)
    except OSError as error:
        server.close()
        raise PortUnavailable(
            f"Port {port} is taken ({error.strerror}): is Jobboard running already? "
            f"Stop what uses it, or choose another: make run PORT={port + 1 if port < 65535 else 8000}"
        ) from None
    return server


if __name__ == "__main__":
    try:
        listen().close()
    except PortUnavailable as error:
        sys.exit(f"\n{error}")
