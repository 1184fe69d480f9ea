"""The guard itself: were it gone, a test could reach a vendor and nobody would see it."""

import socket
import subprocess
import sys

import pytest


@pytest.mark.parametrize("host", ["api.anthropic.com", "192.0.2.1", b"api.openai.com"])
def test_a_test_that_reaches_out_fails_at_once(host: str | bytes) -> None:
    with pytest.raises(RuntimeError, match="loopback only"):
        socket.create_connection((host, 443), timeout=1)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=1):
        pass


def test_a_process_that_a_test_starts_is_held_too() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=1)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "loopback only" in ended.stderr
