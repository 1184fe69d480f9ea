"""An address belongs to one process, from the moment it is asked for."""

import socket

import pytest

from reviewbot.doors.service.address import Address, held, url_of
from reviewbot.errors import BadSettings


def test_an_address_that_is_held_is_nobody_elses_though_nobody_is_answered_yet():
    with (
        held(Address("127.0.0.1", 0)) as door,
        pytest.raises(BadSettings, match=r"--port: .* already in use"),
        held(Address("127.0.0.1", door.getsockname()[1])),
    ):
        raise AssertionError("two have it")


def test_an_address_is_free_at_once_when_its_holder_has_ended():
    with held(Address("127.0.0.1", 0)) as door:
        found = door.getsockname()
        with socket.create_connection(found), door.accept()[0]:
            pass  # closed by us first: the system keeps the pair in mind for a minute
    with held(Address(*found)) as again:
        assert again.getsockname() == found


def test_a_host_that_nobody_knows_is_a_setting_to_mend(monkeypatch):
    def unknown(*_args: object, **_named: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(BadSettings, match=r"--port: here:0: .* not known"), held(Address("here", 0)):
        raise AssertionError("it was held")


def test_an_address_is_written_as_a_browser_takes_it():
    assert url_of("127.0.0.1", 8080, "/webhook") == "http://127.0.0.1:8080/webhook"
    assert url_of("::1", 8080, "/webhook") == "http://[::1]:8080/webhook"
