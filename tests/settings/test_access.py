"""What is no key and no address is refused in one line that shows neither a key nor a password."""

import pytest

from reviewbot.errors import BadSettings
from reviewbot.settings.access import check_url, read_key, shown


def test_the_first_key_that_is_not_blank_is_read_without_what_surrounds_it() -> None:
    assert read_key({"A": " ", "B": "\tkey-1\n", "C": "key-2"}, ("A", "B", "C")) == "key-1"
    assert read_key({"A": ""}, ("A", "B")) is None


@pytest.mark.parametrize(
    "key", ["old \nhunter2", '{\n  "key": "hunter2"\n}', "hunter2-\u00e9", "hunter2\x7f", "a hunter2"]
)
def test_what_no_header_can_carry_is_no_key_and_is_not_shown(key: str) -> None:
    with pytest.raises(BadSettings, match="A_KEY: holds no key") as caught:
        read_key({"A_KEY": key}, ("A_KEY",))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://me:hunter2@host/v1", "https://host/v1 has a user or a password in front; put the key into K"),
        ("http://me:hunter2/x@host/v1", "'http://host/v1' is no address"),
        ("http://me:x@hunter2@host/v1", "put the key into K"),
        ("https://host/v1?key=hunter2", "https://host/v1 goes on behind its path; leave off"),
        ("https://host/v1#hunter2", "goes on behind its path"),
        ("https://host/v1/chat/completions", "ends in /chat/completions, which is no base URL; leave that off"),
        ("https://host/v1/messages/", "ends in /messages/,"),
        ("https://host/v1/responses", "ends in /responses,"),
        ("https://host/v1/models/m:generateContent", "ends in :generateContent,"),
        ("https://ho st/v1", "is no address"),
        ("http://host/v1", "http://host/v1 would carry the API key in clear"),
    ],
)
def test_what_is_no_base_url_is_refused_with_the_remedy(url: str, reason: str) -> None:
    with pytest.raises(BadSettings) as caught:
        check_url("box", url, key_name="K", has_key=True)
    assert reason in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_address_is_shown_without_secrets() -> None:
    assert shown("https://me:a@b@host/v1?key=x#y") == "https://host/v1"
