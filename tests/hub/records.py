"""What the fake remembers: accounts, pull requests and everything said on them. No rules here.

Times are seconds of the world's clock. `visible_from` is when a list first shows a thing (THREATS G06, G11).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from hub.places import Side

Permission = Literal["admin", "maintain", "write", "triage", "read", "none"]


class Account(NamedTuple):
    login: str
    id: int
    kind: Literal["User", "Bot"] = "User"

    @property
    def bare_login(self) -> str:
        """As GraphQL names an author: REST says "reviewbot[bot]", GraphQL "reviewbot" and a Bot."""
        return self.login.removesuffix("[bot]")


class Grant(NamedTuple):
    """What a token opens."""

    account: Account
    writes: bool = True
    """False for the token of a fork's or Dependabot's run (THREATS G25)."""
    permissions: Mapping[str, str] | None = None
    """Of an App's installation token, such as {"checks": "write"}; None opens everything."""
    repository_ids: frozenset[int] = frozenset()
    """Of an App's installation token: those it opens."""


class Repository(NamedTuple):
    name: str
    """"owner/name"."""
    id: int
    private: bool = False


class Reaction(NamedTuple):
    id: int
    account: Account
    content: str


class Request(NamedTuple):
    """One call. The path of a GraphQL call ends with its first field: `/graphql/repository`, `/graphql/viewer`."""

    method: str
    path: str
    token: str = ""
    query: str = ""


class Write(NamedTuple):
    """One accepted write."""

    kind: str
    """"review", "reply", "comment", "edit", "resolve", "unresolve", "minimize", "reaction", "drop", "check",
    "check update"."""
    number: int | None
    """Of the pull request; None for check runs."""
    login: str
    id: int
    body: str = ""


@dataclass
class Said:
    """Something a person or a bot wrote."""

    id: int
    author: Account | None
    """None where the account is gone (THREATS G36)."""
    body: str
    created: float
    visible_from: float
    edited: float | None = None
    editor: Account | None = None
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str | None = None

    prefix = "IC"

    @property
    def node_id(self) -> str:
        return f"{self.prefix}_{self.id}"


@dataclass
class ReviewComment(Said):
    prefix = "PRRC"
    review: int = 0
    thread: int = 0
    commit_id: str = ""
    in_reply_to: int | None = None


@dataclass
class Review(Said):
    prefix = "PRR"
    state: Literal["COMMENTED", "PENDING"] = "COMMENTED"
    commit_id: str = ""


@dataclass
class Thread:
    """A conversation at a place of the diff, as it was when it began; `threads.place` says where it is now."""

    id: int
    path: str
    side: Side
    start_line: int | None
    line: int
    base: str
    """The merge base of its day."""
    commit: str
    hunk: str
    resolved_by: Account | None = None
    resolved: bool = False

    @property
    def node_id(self) -> str:
        return f"PRRT_{self.id}"


@dataclass
class Pull:
    number: int
    id: int
    title: str
    body: str | None
    author: Account | None
    base_ref: str
    head_sha: str
    head_ref: str
    head_repository: Repository | None
    """None where the fork is gone."""
    created: float
    updated: float
    """When somebody last pushed to it, edited it or wrote on it."""
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    association: str = "CONTRIBUTOR"
    """Of the author: FIRST_TIMER, FIRST_TIME_CONTRIBUTOR and NONE are strangers."""
    locked: bool = False
    stale: tuple[str, float] | None = None
    """A head that reads still give, and until when (THREATS G06)."""
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    review_comments: list[ReviewComment] = field(default_factory=list)
    comments: list[Said] = field(default_factory=list)


@dataclass
class CheckRun:
    id: int
    name: str
    head_sha: str
    external_id: str
    started: float
    owner: Account
    status: str = "in_progress"
    conclusion: str | None = None
    completed: float | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
