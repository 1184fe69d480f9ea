"""What a worker is told is wrong before it touches anything."""

import re
from collections.abc import Mapping

import pytest
from hub.apps import private_key

from reviewbot.doors.flags import Flags
from reviewbot.doors.service.config import Limit
from reviewbot.doors.service.mandate import read_mandate
from reviewbot.errors import BadSettings, NoCouncil

LIMITS = {"anthropic": Limit(at_once=1)}


def environ(**more: str) -> Mapping[str, str]:
    return {"GITHUB_APP_ID": "12345", "GITHUB_APP_PRIVATE_KEY": private_key(), **more}


def test_a_worker_knows_its_app_and_its_council():
    mandate = read_mandate(Flags(lenses=("security",)), LIMITS, environ())
    assert (mandate.access.app_id, mandate.operator.lenses) == (12345, ("security",))


@pytest.mark.parametrize(
    ("flags", "more", "said"),
    [
        (Flags(), {"GITHUB_APP_ID": ""}, "GITHUB_APP_ID: is not set"),
        (Flags(), {"GITHUB_APP_PRIVATE_KEY": "nowhere.pem"}, "GITHUB_APP_PRIVATE_KEY: is neither PEM nor a file"),
        (Flags(models=("anthropic/claude",)), {}, "there is no key for it; set ANTHROPIC_API_KEY"),
        (Flags(models=("ollama/qwen",), offline=True), {}, "nobody is left to sit"),
    ],
)
def test_what_is_wrong_is_said(flags: Flags, more: Mapping[str, str], said: str) -> None:
    with pytest.raises((BadSettings, NoCouncil), match=re.escape(said)):
        read_mandate(flags, {}, environ(**more))


@pytest.mark.parametrize(("name", "said"), [("antropic", "did you mean anthropic?"), ("zzz", "known: anthropic, ")])
def test_a_limit_of_a_provider_that_nobody_knows_is_refused(name: str, said: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(said)) as caught:
        read_mandate(Flags(), {**LIMITS, name: Limit(at_once=8)}, environ())
    assert "number 2" in str(caught.value)


def test_a_server_of_the_operators_can_be_limited() -> None:
    declared = environ(REVIEWBOT_SERVERS="ollama=http://localhost:11434/v1")
    assert read_mandate(Flags(), {"ollama": Limit(at_once=1)}, declared)
