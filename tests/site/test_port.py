import socket

import pytest
from django.core.management import CommandError, call_command

from jobboard.ops.port import PortUnavailable, listen


@pytest.mark.parametrize("text", ["http", "80", "0", "-1", "65536", "8000x", "80 00"])
def test_invalid_port_is_refused(text):
    with pytest.raises(PortUnavailable, match="from 1024 to 65535"):
        listen(text)


def test_port_in_use_is_refused_with_an_alternative():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortUnavailable, match=f"Port {port} is taken.*make run PORT="):
            listen(str(port))
        with pytest.raises(CommandError, match=f"Port {port} is taken"):
            call_command("serve", port=str(port))


def test_listens_on_the_loopback_interface_only(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("PORT", str(port))
    with listen() as server:
        assert server.getsockname() == ("127.0.0.1", port)


def test_serve_refuses_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("serve")
