"""What a door brings to its work on a repository."""

import time

import pytest
from pydantic import SecretStr

from reviewbot.doors.session import admit_only, open_session
from reviewbot.errors import NoAccess
from reviewbot.forge.access import Access
from reviewbot.forge.model import Address, Pull

ACCESS = Access(
    token=SecretStr("t"),
    api_url="http://127.0.0.1:9",
    graphql_url="http://127.0.0.1:9/graphql",
    server_url="https://hub.example",
    signing_keys=(SecretStr("new"), SecretStr("old")),
)
PULL = Pull(
    address=Address("octo/shop", 7), repository_id=12, title="", body="", author_is_bot=False, state="open",
    draft=False, base_sha="a" * 40, base_ref="main", head_sha="b" * 40, head_repository_id=12, changed_files=1,
    additions=1, deletions=0,
)  # fmt: skip


def test_a_session_begins_now_and_sends_nothing() -> None:
    before = time.time()
    session = open_session("octo/shop", ACCESS)
    assert before <= session.started <= time.time()
    assert session.source_url == "https://hub.example/octo/shop/blob/"
    assert session.admit(PULL) is None


def test_a_repository_that_took_over_a_name_is_not_touched() -> None:
    admit_only(12, PULL)
    with pytest.raises(NoAccess, match="octo/shop is another repository by now"):
        admit_only(13, PULL)


def test_posts_are_signed_for_one_pull_request_with_the_first_key() -> None:
    signer = open_session("octo/shop", ACCESS).signer(PULL)
    assert (signer.keys, signer.scope) == ((b"new", b"old"), "12#7")
