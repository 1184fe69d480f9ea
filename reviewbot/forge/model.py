"""What a forge tells and is told, in the words of a review: a pull request, its files, its conversation, our posts.

Knows no library, no URL scheme and no report. Times are UTC in ISO 8601, as GitHub writes them.
"""

from typing import Literal, NamedTuple

from reviewbot.facts import Fact


class Address(NamedTuple):
    """One pull request: "owner/name" and its number."""

    repository: str
    number: int

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


class Pull(Fact):
    """A pull request as it stands now. Ids hold where names do not: a repository can be renamed (THREATS G36)."""

    address: Address
    repository_id: int
    title: str
    body: str
    author_is_bot: bool
    author_association: str = "NONE"
    """GitHub's word for what the author is to the repository, such as OWNER or FIRST_TIMER."""
    state: Literal["open", "closed"]
    draft: bool
    base_sha: str
    """The tip of the base branch: where policy and pages are read. Not the merge base."""
    base_ref: str
    head_sha: str
    head_repository_id: int | None
    """None where the fork is gone."""
    changed_files: int
    additions: int
    deletions: int

    @property
    def from_fork(self) -> bool:
        return self.head_repository_id != self.repository_id


class PullFile(Fact):
    """One row of "list pull requests files". `patch` is None where GitHub leaves it out (THREATS G21, G22)."""

    path: str
    old_path: str | None
    status: str
    additions: int
    deletions: int
    patch: str | None


class TreeEntry(Fact):
    """One entry of a git tree, directly below it."""

    name: str
    mode: str
    sha: str
    size: int
    """Bytes; 0 for what is not a blob."""


class GitAccess(Fact):
    """How git itself may fetch the repository: the URL, and the value of an Authorization header (a secret)."""

    url: str
    authorization: str | None


class Remark(Fact):
    """One comment somebody wrote."""

    id: int
    node_id: str
    body: str
    ours: bool
    """GitHub's own word that this token's identity wrote it (`viewerDidAuthor`); nothing in the body is trusted."""
    author: str
    """Login; empty where the account is gone."""
    author_is_bot: bool
    created: str
    url: str
    up: int = 0
    down: int = 0
    """Reactions: thumbs up and hearts, thumbs down and confused faces."""


class Thread(Fact):
    """A conversation at a line of the diff. The first remark opened it."""

    id: str
    path: str
    line: int | None
    """On the side the thread is on; None where its code is gone from the diff."""
    resolved: bool
    """Or its first remark was folded away: both say that this is done with."""
    outdated: bool
    remarks: tuple[Remark, ...]


class Conversation(Fact):
    """Everything said on a pull request so far, oldest first."""

    threads: tuple[Thread, ...] = ()
    comments: tuple[Remark, ...] = ()
    """Below the description: issue comments."""
    reviews: tuple[Remark, ...] = ()
    """Bodies of submitted reviews."""


class NewComment(Fact):
    """One comment of a new review, in GitHub's terms: `LEFT` for removed lines, `RIGHT` for all others."""

    path: str
    body: str
    line: int
    side: Literal["LEFT", "RIGHT"]
    start_line: int | None = None
    """None for one line; else less than `line`, in the same hunk and on the same side (THREATS G13)."""


class NewReview(Fact):
    """One review. Its event is always COMMENT: no other exists here (DESIGN 1.1)."""

    commit: str
    body: str
    comments: tuple[NewComment, ...]


class Posted(Fact):
    """A post that GitHub confirmed."""

    id: int
    url: str


class Annotation(Fact):
    """One line of a check run (GitHub: checks, annotations)."""

    path: str
    start_line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


class Check(Fact):
    """A check run, from its beginning to its end."""

    head_sha: str
    external_id: str
    """Ours: the same review has the same id, so that it is updated and not made again (THREATS G26)."""
    title: str
    summary: str
    conclusion: Literal["neutral", "success", "skipped"] | None = None
    """None while it runs. There is no failure: a check of ours blocks nobody."""
    annotations: tuple[Annotation, ...] = ()
