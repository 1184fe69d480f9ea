"""Where a process of the service listens: a socket that is its own before anything else is started."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from reviewbot.errors import BadSettings


class Address(NamedTuple):
    """As somebody asks for it: the port may be 0, for one that is free."""

    host: str
    port: int


@contextmanager
def held(address: Address) -> Iterator[socket.socket]:
    """A socket with this address. Raises BadSettings where it cannot be had.

    Whoever comes early waits: a socket that does not listen would not keep another process from the same address.
    """
    try:
        family, kind, protocol, _, found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, protocol)
    except OSError as e:
        raise _not_free(address, e) from e
    with door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(found)
            door.listen()
        except OSError as e:
            raise _not_free(address, e) from e
        yield door


def url_of(host: str, port: int, path: str) -> str:
    """What a browser takes: of IPv6 the address stands in brackets."""
    return f"http://[{host}]:{port}{path}" if ":" in host else f"http://{host}:{port}{path}"


def _not_free(address: Address, error: OSError) -> BadSettings:
    return BadSettings("--port", f"{address.host}:{address.port}: {error.strerror}", "give it an address that is free")
