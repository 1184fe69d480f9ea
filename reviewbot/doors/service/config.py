"""What the operator of a service decides, from the environment. Read once, then frozen."""

import re
from collections.abc import Mapping
from typing import TypeVar

from pydantic import SecretStr

from reviewbot.errors import BadSettings
from reviewbot.facts import Fact

T = TypeVar("T", int, float)


class Limit(Fact):
    """How much one provider takes, all workers together; None is no limit of ours."""

    at_once: int | None = None
    """Calls under way at the same time."""
    per_minute: int | None = None
    """Calls begun within any 60 seconds."""


class Config(Fact):
    """Everything about the service that is neither GitHub's access nor the council."""

    database_url: str = "sqlite:///reviewbot.sqlite"
    webhook_secrets: tuple[SecretStr, ...] = ()
    """Each is accepted: two while one is replaced (THREATS G01)."""
    admin_token: SecretStr | None = None
    """Opens the pages. None: there are no pages."""
    concurrency: int = 16
    """Jobs one worker carries out at the same time."""
    quiet: float = 30.0
    """Seconds a burst of pushes must be over before its last one is reviewed (THREATS S29)."""
    reviews_an_hour: int = 20
    """Of one pull request; what is more waits: it may be a loop (THREATS S24)."""
    retention_days: int = 30
    """Records and answers are deleted after so many days (THREATS S40)."""
    grace: float = 25.0
    """Seconds that reviews may go on after the process was asked to stop."""
    canary_every: int = 50
    """Reviews of a member after which it is shown a change with a planted defect; 0 is never (THREATS L17)."""
    limits: Mapping[str, Limit] = {}
    """By the first part of a member's name."""


def read_config(environ: Mapping[str, str]) -> Config:
    """The service's variables. Raises BadSettings, which names the variable and the remedy."""
    secrets = [part.strip() for part in environ.get("GITHUB_WEBHOOK_SECRET", "").split(",")]
    token = environ.get("REVIEWBOT_ADMIN_TOKEN", "").strip()
    return Config(
        database_url=environ.get("REVIEWBOT_DATABASE_URL", "").strip() or Config().database_url,
        webhook_secrets=tuple(SecretStr(secret) for secret in secrets if secret),
        admin_token=SecretStr(token) if token else None,
        concurrency=_number(environ, "REVIEWBOT_CONCURRENCY", Config().concurrency, (1, 1_000)),
        quiet=_number(environ, "REVIEWBOT_QUIET_SECONDS", Config().quiet, (0, 3_600)),
        reviews_an_hour=_number(environ, "REVIEWBOT_REVIEWS_AN_HOUR", Config().reviews_an_hour, (1, 1_000)),
        retention_days=_number(environ, "REVIEWBOT_RETENTION_DAYS", Config().retention_days, (1, 3_650)),
        grace=_number(environ, "REVIEWBOT_GRACE_SECONDS", Config().grace, (0, 3_600)),
        canary_every=_number(environ, "REVIEWBOT_CANARY_EVERY", Config().canary_every, (0, 100_000)),
        limits=_limits(environ.get("REVIEWBOT_LIMITS", "")),
    )


def _number(environ: Mapping[str, str], name: str, default: T, within: tuple[int, int]) -> T:
    """What was written is not shown: it may be a secret in the wrong place."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    kind, written = (int, r"[0-9]{1,9}") if isinstance(default, int) else (float, r"[0-9]{1,9}(\.[0-9]{1,6})?")
    least, most = within
    if not re.fullmatch(written, text) or not least <= kind(text) <= most:
        raise BadSettings(name, f"is no number from {least} to {most}", f"write it like {default}")
    return kind(text)


def _limits(text: str) -> dict[str, Limit]:
    """`anthropic=8,openai=8:60`: calls at once and, behind a colon, calls a minute."""
    limits = {}
    entries = filter(None, (part.strip() for part in text.split(",")))
    for number, entry in enumerate(entries, start=1):
        found = re.fullmatch(r"([a-z][a-z0-9-]*)=([1-9][0-9]{0,5})?(?::([1-9][0-9]{0,6}))?", entry)
        if found is None or not (found[2] or found[3]):
            raise BadSettings("REVIEWBOT_LIMITS", f"number {number} limits nobody", 'write it like "anthropic=8:60"')
        limits[found[1]] = Limit(
            at_once=int(found[2]) if found[2] else None, per_minute=int(found[3]) if found[3] else None
        )
    return limits
