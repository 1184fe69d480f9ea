"""Loopback only: a test, or a process a test starts, that reaches for any other host fails at once.

Python imports this module at start wherever `tests/guard` is on its path; `conftest.py` puts it there.
"""

import ipaddress
import socket
from typing import Any


class ReachedOutError(RuntimeError):
    """A test tried to leave this machine."""


def _check(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        inside = ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        inside = name == "localhost"
    if not inside:
        raise ReachedOutError(f"tests may reach loopback only, not {name}")


def guard() -> None:
    """Replaces the ways out of a socket by ones that look where they lead."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            _check(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            _check(address[0])
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None:
            _check(host)
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_getaddrinfo


guard()
