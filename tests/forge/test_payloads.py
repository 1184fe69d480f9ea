"""What is taken for an id, a SHA, a login and a name, and what is not."""

from typing import Any

import pytest
from pydantic import ValidationError

from reviewbot.forge.payloads import Account, Commit, Installation, NamedRepository, WholeInstallation


@pytest.mark.parametrize("number", [1, 2**40, 2**63 - 1])
def test_an_id_has_up_to_64_bits(number: int) -> None:
    assert Installation.model_validate({"id": number}).id == number


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**4_000, "7", 7.0, True, None, [7]])
def test_what_no_database_could_keep_as_an_id_is_none(number: Any) -> None:
    with pytest.raises(ValidationError):
        Installation.model_validate({"id": number})


@pytest.mark.parametrize(
    ("sha", "holds"), [("a1" * 20, True), ("0" * 64, True), ("a" * 40 + "\n", False), ("A" * 40, False)]
)
def test_a_sha_is_lower_case_and_whole(sha: str, *, holds: bool) -> None:
    if holds:
        assert Commit.model_validate({"sha": sha}).sha == sha
    else:
        with pytest.raises(ValidationError):
            Commit.model_validate({"sha": sha})


@pytest.mark.parametrize(("type_", "is_person"), [("User", True), ("Bot", False), ("Organization", False)])
def test_only_a_user_is_a_person(type_: str, *, is_person: bool) -> None:
    assert Account.model_validate({"login": "ada", "type": type_}).is_person is is_person


@pytest.mark.parametrize("name", ["octo/shop", "octo-co/.github", "o_o/a.b_c-d", "octo-/..shop"])
def test_a_repository_has_an_owner_and_a_name(name: str) -> None:
    assert NamedRepository.model_validate({"id": 7, "full_name": name}).full_name == name


@pytest.mark.parametrize(
    "name", ["shop", "octo/", "/shop", "a/b/c", "octo/shop\n", "../shop", "octo/..", "octo/sh op", "o" * 101 + "/s"]
)
def test_what_could_lead_elsewhere_is_no_repository(name: str) -> None:
    with pytest.raises(ValidationError):
        NamedRepository.model_validate({"id": 7, "full_name": name})


def test_an_installation_is_whole_only_where_its_app_is_named() -> None:
    assert WholeInstallation.model_validate({"id": 42, "app_id": 900, "account": None}).id == 42
    with pytest.raises(ValidationError):
        WholeInstallation.model_validate({"id": 42, "node_id": "MDIz"})
