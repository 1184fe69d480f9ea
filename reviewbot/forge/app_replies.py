"""GitHub's replies to the App itself, as far as they are read: its installations, its deliveries, its tokens.

Times are seconds since the epoch. What is not named here is ignored, and may change.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, AliasPath, AwareDatetime, BeforeValidator, Field, RootModel, SecretStr, TypeAdapter

from reviewbot.forge.replies import Read


def _epoch(text: object) -> float:
    return TypeAdapter(AwareDatetime).validate_python(text).timestamp()


def _in_a_header(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]+", token.get_secret_value()):
        raise ValueError("no header can carry it")
    return token


Moment = Annotated[float, BeforeValidator(_epoch)]
"""In GitHub's words a date in ISO 8601."""


class SelfReply(Read):
    slug: str


class TokenReply(Read):
    """An installation's token. One that no header can carry is refused here: an error about a header would show it."""

    token: Annotated[SecretStr, AfterValidator(_in_a_header)]
    expires: Moment = Field(validation_alias="expires_at")


class DeliveryRow(Read):
    """One attempt to send an event to the webhook. An event that was sent again has several, with one GUID."""

    id: int
    guid: str
    delivered_at: Moment
    status_code: int
    """What the webhook answered; 0 where nothing did."""
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status_code < 300


class DeliveriesReply(RootModel[tuple[DeliveryRow, ...]]):
    """A page of the attempts of the last days."""


class RequestReply(Read):
    headers: Mapping[str, object] | None
    payload: Mapping[str, object] | None


class DeliveryReply(Read):
    """One attempt, with what was sent."""

    request: RequestReply


class Installation(Read):
    """The App on one account."""

    id: int
    created: Moment = Field(validation_alias="created_at")
    suspended_at: Moment | None
    """None while it works."""

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None


class InstallationsReply(RootModel[tuple[Installation, ...]]):
    """A page of the accounts the App is on."""


class RepositoryRow(Read):
    """A repository that an installation may enter."""

    id: int
    name: str = Field(validation_alias="full_name")
    """ "owner/name"."""
    archived: bool = False
    """Nothing can be posted there."""


class RepositoriesReply(Read):
    """A page of what an installation may enter."""

    repositories: tuple[RepositoryRow, ...]


class OpenPull(Read):
    """A row of the list of open pull requests."""

    number: int
    head_sha: str = Field(validation_alias=AliasPath("head", "sha"))
    updated: Moment = Field(validation_alias="updated_at")
    """Comments and labels count."""


class OpenPullsReply(RootModel[tuple[OpenPull, ...]]):
    """A page of the open pull requests of a repository."""
