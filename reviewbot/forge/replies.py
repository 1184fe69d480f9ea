"""GitHub's replies over REST, as far as they are read. What is not named here is ignored, and may change.

`complaint` reads what is wrong; the models read what was asked for. An account that is gone is null (THREATS G36).
"""

import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, RootModel

MAX_COMPLAINT = 200
"""Characters of GitHub's own words that are worth showing."""


class Read(BaseModel):
    """A frozen part of a reply."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(Read):
    type: str = "User"


class Repository(Read):
    id: int


class Tip(Read):
    """One end of a pull request. `repo` is None where the fork is gone."""

    sha: str
    ref: str
    repo: Repository | None


class Base(Tip):
    repo: Repository


class PullReply(Read):
    number: int
    title: str
    body: str | None = None
    user: Account | None
    author_association: str = "NONE"
    state: Literal["open", "closed"]
    draft: bool = False
    base: Base
    head: Tip
    changed_files: int
    additions: int
    deletions: int


class PullRow(Read):
    number: int
    head: Tip


class PullsReply(RootModel[tuple[PullRow, ...]]):
    """A page of the pull requests of a repository."""


class FileReply(Read):
    filename: str
    previous_filename: str | None = None
    status: str
    additions: int
    deletions: int
    patch: str | None = None


class FilesReply(RootModel[tuple[FileReply, ...]]):
    """A page of the files of a pull request."""


class Commit(Read):
    sha: str


class CompareReply(Read):
    merge_base_commit: Commit


class EntryReply(Read):
    path: str
    mode: str
    sha: str
    size: int = 0


class TreeReply(Read):
    tree: tuple[EntryReply, ...]
    truncated: bool = False


class BlobReply(Read):
    content: str
    encoding: str


class PermissionReply(Read):
    permission: str


class PostReply(Read):
    id: int
    html_url: str


class ReviewReply(Read):
    id: int
    state: str


class ReviewsReply(RootModel[tuple[ReviewReply, ...]]):
    """A page of the reviews of a pull request."""


class CheckOutput(Read):
    annotations_count: int = 0


class CheckReply(Read):
    id: int
    status: str | None = None
    external_id: str | None = None
    output: CheckOutput = CheckOutput()


class ChecksReply(Read):
    check_runs: tuple[CheckReply, ...]


class Complaint(NamedTuple):
    """What an error reply says is wrong."""

    text: str
    """One printable line, short enough to show; empty where the reply is no JSON of GitHub's."""
    words: str
    """Everything the reply says, in lower case, to look for known phrases in."""
    codes: frozenset[str]
    """Of REST's `errors[].code`, of GraphQL's `errors[].type`, and of what GraphQL keeps in `extensions`."""


def complaint(body: bytes) -> Complaint:
    """Read an error reply. Never fails: proxies answer with pages, and GitHub's own forms differ by endpoint."""
    raw = body.decode("utf-8", "replace")
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return Complaint("", raw[:10_000].lower(), frozenset())
    listed = said.get("errors")
    problems = listed if isinstance(listed, list) else [listed]
    parts = [said.get("message"), *(part for problem in problems for part in _texts(problem))]
    texts = list(dict.fromkeys(part for part in parts if isinstance(part, str) and part))
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in ": ".join(texts)).split())
    return Complaint(shown[:MAX_COMPLAINT], " ".join(texts).lower(), frozenset(_codes(problems)))


def _texts(problem: Any) -> Iterator[Any]:
    """GitHub writes a problem as a sentence, or as a field and what is the matter with it."""
    if isinstance(problem, dict):
        yield from (problem.get("field"), problem.get("message"))
    else:
        yield problem


def _codes(problems: list[Any]) -> Iterator[str]:
    for problem in problems:
        if isinstance(problem, dict):
            extensions = problem.get("extensions")
            further = extensions.get("code") if isinstance(extensions, dict) else None
            yield from (code for code in (problem.get("code"), problem.get("type"), further) if isinstance(code, str))
