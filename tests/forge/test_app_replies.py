import pytest
from pydantic import ValidationError

from reviewbot.forge.app_replies import DeliveryRow, Installation, OpenPull, RepositoryRow, TokenReply

ROW = {
    "id": 1,
    "guid": "g",
    "delivered_at": "2026-11-21T12:00:00Z",
    "status_code": 202,
    "event": "ping",
    "action": None,
    "installation_id": None,
    "repository_id": None,
}


def test_what_concerns_no_repository_is_read_too():
    row = DeliveryRow.model_validate(ROW)
    assert (row.delivered_at, row.repository_id) == (1_795_262_400.0, None)


@pytest.mark.parametrize(("status", "succeeded"), [(0, False), (200, True), (202, True), (301, False), (503, False)])
def test_only_an_answer_of_two_hundred_and_some_is_a_success(status, succeeded):
    assert DeliveryRow.model_validate(ROW | {"status_code": status}).succeeded is succeeded


@pytest.mark.parametrize("text", ["2026-11-21T12:00:00", "yesterday", None, {}])
def test_a_time_without_its_zone_is_no_time(text):
    with pytest.raises(ValidationError):
        DeliveryRow.model_validate(ROW | {"delivered_at": text})


def test_nested_names_are_flattened():
    pull = OpenPull.model_validate({"number": 7, "head": {"sha": "a"}, "updated_at": "2026-11-21T12:00:00Z"})
    assert (pull.number, pull.head_sha) == (7, "a")
    row = RepositoryRow.model_validate({"id": 7, "name": "shop", "full_name": "octo/shop", "archived": True})
    assert (row.name, row.archived) == ("octo/shop", True)


def test_an_installation_works_unless_it_was_suspended():
    told = {"id": 7, "created_at": "2026-11-21T12:00:00Z", "suspended_at": None}
    assert not Installation.model_validate(told).suspended
    assert Installation.model_validate(told | {"suspended_at": "2026-11-21T12:00:00Z"}).suspended


@pytest.mark.parametrize("token", ["", "ghs_canary x", "ghs_canary\r\nX: y", "ghs_canary\u2013"])
def test_a_token_no_header_can_carry_is_refused_and_not_shown(token):
    with pytest.raises(ValidationError) as caught:
        TokenReply.model_validate({"token": token, "expires_at": "2026-11-21T12:00:00Z"})
    assert "canary" not in str(caught.value.errors(include_input=False))


def test_a_token_of_any_length_is_one():
    reply = TokenReply.model_validate({"token": "ghs_1_" + "x" * 500, "expires_at": "2026-11-21T12:00:00Z"})
    assert len(reply.token.get_secret_value()) == 506
    assert "xxx" not in repr(reply)
