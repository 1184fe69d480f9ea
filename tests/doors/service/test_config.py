"""The service's variables: each can be left out, and each that is wrong is named with what to write."""

import pytest
from pydantic import SecretStr

from reviewbot.doors.service.config import Config, Limit, read_config
from reviewbot.errors import BadSettings


def test_without_a_variable_everything_has_its_default() -> None:
    assert read_config({}) == Config()


def test_two_webhook_secrets_hold_while_one_is_replaced() -> None:
    config = read_config({"GITHUB_WEBHOOK_SECRET": " new , old ,"})
    assert config.webhook_secrets == (SecretStr("new"), SecretStr("old"))


def test_every_variable_is_read() -> None:
    config = read_config(
        {
            "REVIEWBOT_DATABASE_URL": "postgresql://db/reviews",
            "REVIEWBOT_ADMIN_TOKEN": "open sesame",
            "REVIEWBOT_CONCURRENCY": "4",
            "REVIEWBOT_QUIET_SECONDS": "2.5",
            "REVIEWBOT_REVIEWS_AN_HOUR": "7",
            "REVIEWBOT_RETENTION_DAYS": "90",
            "REVIEWBOT_GRACE_SECONDS": "0",
            "REVIEWBOT_CANARY_EVERY": "0",
            "REVIEWBOT_LIMITS": "anthropic=8, openai=4:60,my-server=:30",
        }
    )
    assert config == Config(
        database_url="postgresql://db/reviews",
        admin_token=SecretStr("open sesame"),
        concurrency=4,
        quiet=2.5,
        reviews_an_hour=7,
        retention_days=90,
        grace=0,
        canary_every=0,
        limits={
            "anthropic": Limit(at_once=8),
            "openai": Limit(at_once=4, per_minute=60),
            "my-server": Limit(per_minute=30),
        },
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REVIEWBOT_CONCURRENCY", "0", "is no number from 1 to 1000; write it like 16"),
        ("REVIEWBOT_CONCURRENCY", "1001", "is no number from 1 to 1000"),
        ("REVIEWBOT_CONCURRENCY", "1.5", "is no number from 1 to 1000"),
        ("REVIEWBOT_REVIEWS_AN_HOUR", "1001", "is no number from 1 to 1000"),
        ("REVIEWBOT_RETENTION_DAYS", "-3", "is no number from 1 to 3650"),
        ("REVIEWBOT_RETENTION_DAYS", "3651", "is no number from 1 to 3650"),
        ("REVIEWBOT_QUIET_SECONDS", "soon", "is no number from 0 to 3600; write it like 30.0"),
        ("REVIEWBOT_QUIET_SECONDS", "3600.5", "is no number from 0 to 3600"),
        ("REVIEWBOT_GRACE_SECONDS", "9" * 5_000, "is no number from 0 to 3600"),
        ("REVIEWBOT_GRACE_SECONDS", "999999999", "is no number from 0 to 3600"),
        ("REVIEWBOT_CANARY_EVERY", "-1", "is no number from 0 to 100000; write it like 50"),
        ("REVIEWBOT_LIMITS", "anthropic", "number 1 limits nobody"),
        ("REVIEWBOT_LIMITS", "anthropic=", "number 1 limits nobody"),
        ("REVIEWBOT_LIMITS", "openai=1,Anthropic=8", "number 2 limits nobody"),
        ("REVIEWBOT_LIMITS", "openai=0", "number 1 limits nobody"),
    ],
)
def test_what_cannot_be_is_said_with_the_variable_and_the_remedy(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSettings) as error:
        read_config({name: value})
    assert str(error.value).startswith(name)
    assert said in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("name", ["REVIEWBOT_CONCURRENCY", "REVIEWBOT_GRACE_SECONDS", "REVIEWBOT_LIMITS"])
def test_a_secret_in_the_wrong_place_is_not_shown(name: str) -> None:
    with pytest.raises(BadSettings) as error:
        read_config({name: "sk-canary-7f3a"})
    assert "canary" not in str(error.value)


def test_no_secret_is_shown_by_the_config() -> None:
    shown = repr(read_config({"GITHUB_WEBHOOK_SECRET": "hush-1", "REVIEWBOT_ADMIN_TOKEN": "hush-2"}))
    assert "hush" not in shown
