"""The port that `make run` serves on. Plain Python, so that it can be checked before anything is installed."""

import os
import socket
import sys


class PortRefused(Exception):
    """The site cannot be served there; the message says why and what to do."""


def listen(text: str | None = None) -> socket.socket:
    """A listening socket of this machine only, on the port `text`, or $PORT, or 8000."""
    text = os.environ.get("PORT", "") if text is None else text
    try:
        port = int(text or 8000)
    except ValueError:
        port = 0
    if not 1024 <= port <= 65535:
        raise PortRefused(f"PORT={text} is not a port: give a number from 1024 to 65535, as in: make run PORT=8001")
    server = socket.socket()
    # Else a port stays taken for a minute after the last run.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
        server.listen(512)
    except OSError as error:
        server.close()
        raise PortRefused(
            f"Port {port} is taken ({error.strerror}): is Jobboard running already? "
            f"Stop what uses it, or choose another: make run PORT={port + 1 if port < 65535 else 8000}"
        ) from None
    return server


if __name__ == "__main__":
    try:
        listen().close()
    except PortRefused as refused:
        sys.exit(f"\n{refused}")
