"""What a door brings to its work on a repository: a forge, the keys to sign with, and since when it runs."""

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from reviewbot.council import Invited
from reviewbot.council.budget import Resumed
from reviewbot.errors import NoAccess
from reviewbot.findings.model import Prior
from reviewbot.forge.access import Access
from reviewbot.forge.clock import Clock
from reviewbot.forge.github import connect
from reviewbot.forge.marks import Signer, scope_of
from reviewbot.forge.model import Pull
from reviewbot.forge.port import Forge
from reviewbot.record import RunRecord
from reviewbot.record.feedback import Feedback


class Run(NamedTuple):
    """A council about to be asked."""

    council: tuple[Invited, ...]
    resumed: Resumed | None = None
    """The earlier try of the same run, if there was one."""
    doubts: Mapping[str, str] = MappingProxyType({})
    """Members whose answers may mean nothing, each with the reason, in words for a person."""

    def with_doubts(self, record: RunRecord) -> RunRecord:
        """The record, with what is to be said of those who were asked."""
        asked = dict.fromkeys(review.seat.member.name for review in record.reviews)
        notes = (self.doubts[member] for member in asked if member in self.doubts)
        return record.model_copy(update={"notes": (*record.notes, *notes)})


Begin = Callable[[Pull, str, tuple[Invited, ...]], Run]
"""Told which council is asked about what (`marks.review_key`, or the comment that asks), says who answers."""

Learn = Callable[[Pull, Sequence[Feedback]], tuple[Prior, ...]]
"""Told what people did with our comments on a pull request, says what is known by now of everybody's findings."""


class Session(NamedTuple):
    """What a door brings: who it is on GitHub, with which keys it signs, and since when it runs."""

    forge: Forge
    keys: tuple[bytes, ...]
    source_url: str
    """Where the repository's files are shown, up to the commit: "https://host/owner/name/blob/"."""
    started: float
    """When this process began, in the clock's seconds."""
    clock: Clock = Clock()
    settle: float = 5.0
    """Seconds after which everything that was posted is listed (THREATS G11)."""
    admit: Callable[[Pull], None] = lambda _pull: None
    """Called before anything of a pull request is read; raises where this run must not touch it."""
    begin: Begin = lambda _pull, _key, council: Run(council)
    """Called before a council is asked."""
    learn: Learn = lambda _pull, _rows: ()
    """Called when the conversation was read. Where what is known cannot be read or kept it raises BadSettings."""

    def signer(self, pull: Pull) -> Signer:
        return Signer(self.keys, scope_of(pull))


def admit_only(repository_id: int, pull: Pull) -> None:
    """Raise NoAccess for a pull request of another repository: a name that was given up may be somebody else's by now.

    Ids stay (THREATS G33, G36). Fits `Session.admit` once the id is bound.
    """
    if pull.repository_id != repository_id:
        what = f"{pull.address.repository} is another repository by now"
        raise NoAccess("GitHub", what, "what was asked of the old one cannot be done there")


def open_session(repository: str, access: Access, *, lagging: bool = False) -> Session:
    """Begin to work on a repository, now. `lagging`: an event has just told of it, and GitHub may show it late."""
    return Session(
        forge=connect(repository, access, lagging=lagging),
        keys=tuple(key.get_secret_value().encode() for key in access.signing_keys),
        source_url=f"{access.server_url}/{repository}/blob/",
        started=time.time(),
    )
