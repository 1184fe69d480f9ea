"""GitHub behind the port: which endpoint answers which question. The only place that knows them.

Reached lazily, because PyGithub is slow to import. How a reply is judged is in `limits`; nothing here decides what to
post. A review is sent as one POST with `event=COMMENT`, the only event there is (DESIGN 1.1, THREATS G14).
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel

from reviewbot.errors import NoAccess, TooLarge, Unreachable
from reviewbot.forge.access import Access
from reviewbot.forge.client import Client, Manner
from reviewbot.forge.clock import Clock
from reviewbot.forge.connection import Renew
from reviewbot.forge.conversation import read_conversation
from reviewbot.forge.limits import PATIENCE
from reviewbot.forge.model import (
    Address,
    Annotation,
    Check,
    Conversation,
    GitAccess,
    NewComment,
    NewReview,
    Posted,
    Pull,
    PullFile,
    TreeEntry,
)
from reviewbot.forge.pace import Pace
from reviewbot.forge.port import Forge
from reviewbot.forge.replies import (
    BlobReply,
    CheckReply,
    ChecksReply,
    CompareReply,
    FilesReply,
    PermissionReply,
    PostReply,
    PullReply,
    PullsReply,
    ReviewsReply,
    TreeReply,
)

CHECK_NAME: Final = "reviewbot"
ANNOTATIONS: Final = 50
"""One request takes no more (THREATS G26)."""
DIFF: Final = "application/vnd.github.diff"
WRITERS: Final = frozenset({"admin", "maintain", "write"})
SYSTEM: Final = Clock()
_LOGIN: Final = re.compile(r"[A-Za-z0-9_-]+(?:\[bot\])?")
_HIDE: Final = (
    "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: RESOLVED}) { clientMutationId } }"
)
_RESOLVE: Final = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id } } }"


class _Anything(BaseModel):
    """A reply nothing is read of."""


def connect(  # noqa: PLR0913  each is a thing that one caller knows and the others need not
    repository: str,
    access: Access,
    clock: Clock = SYSTEM,
    *,
    patience: float = PATIENCE,
    lagging: bool = False,
    pace: Pace | None = None,
    renew: Renew | None = None,
) -> Forge:
    """`repository` ("owner/name") as the identity of `access` sees it. Nothing is sent yet.

    `patience` is how many seconds all waits for GitHub may take together. `lagging` says that an event has just told of
    the pull request: for a minute "not found" is taken for "not there yet" (THREATS G06). `pace` is shared with others
    who ask as this identity (G08). `renew` gives another token for one that GitHub no longer takes (G32). Raises
    BadInput.
    """
    manner = Manner(patience, lagging, pace)
    return GitHub(repository, access, Client(repository, access, clock, manner=manner, renew=renew))


class GitHub:
    """`forge.port.Forge` over the API."""

    def __init__(self, repository: str, access: Access, client: Client) -> None:
        self.repository = repository
        self._access = access
        self._client = client

    def pull(self, number: int) -> Pull:
        return _pull(self.repository, self._client.get(f"pulls/{number}", PullReply))

    def pulls_at(self, head_sha: str) -> tuple[int, ...]:
        """From the list of open ones: GitHub's own search by commit does not know the commits of forks."""
        pages = self._client.pages("pulls", PullsReply, {"state": "open", "per_page": 100})
        return tuple(row.number for page in pages for row in page.root if row.head.sha == head_sha)

    def merge_base(self, base: str, head: str) -> str:
        return self._client.get(_range(base, head), CompareReply, {"per_page": 1}).merge_base_commit.sha

    def diff(self, number: int) -> bytes:
        return self._client.get_bytes(f"pulls/{number}", DIFF)

    def compare(self, base: str, head: str) -> bytes:
        return self._client.get_bytes(_range(base, head), DIFF)

    def files(self, number: int, *, page_size: int = 100) -> tuple[PullFile, ...]:
        pages = self._client.pages(f"pulls/{number}/files", FilesReply, {"per_page": page_size})
        return tuple(
            PullFile(
                path=row.filename,
                old_path=row.previous_filename,
                status=row.status,
                additions=row.additions,
                deletions=row.deletions,
                patch=row.patch,
            )
            for page in pages
            for row in page.root
        )

    def tree(self, sha: str) -> tuple[TreeEntry, ...]:
        reply = self._client.get(f"git/trees/{_name(sha)}", TreeReply)
        if reply.truncated:
            raise TooLarge("GitHub", f"shows only a part of the tree {sha[:12]}", "read it with git")
        return tuple(TreeEntry(name=row.path, mode=row.mode, sha=row.sha, size=row.size) for row in reply.tree)

    def blob(self, sha: str) -> bytes:
        reply = self._client.get(f"git/blobs/{_name(sha)}", BlobReply)
        if reply.encoding != "base64":
            return reply.content.encode()
        try:
            return base64.b64decode(reply.content)  # GitHub breaks it into lines
        except binascii.Error as e:
            raise Unreachable("GitHub", f"the blob {sha[:12]} is no base64 ({e})", "try again later") from e

    def git_access(self) -> GitAccess:
        pair = f"x-access-token:{self._client.token.get_secret_value()}".encode()
        url = f"{self._access.server_url}/{self.repository}.git"
        return GitAccess(url=url, authorization=f"basic {base64.b64encode(pair).decode()}")

    def conversation(self, number: int) -> Conversation:
        return read_conversation(self._client, self.repository, number)

    def may_write(self, login: str) -> bool:
        if not _LOGIN.fullmatch(login):
            return False
        try:
            reply = self._client.get(f"collaborators/{_name(login)}/permission", PermissionReply)
        except NoAccess:
            return False
        return reply.permission in WRITERS

    def post_review(self, number: int, review: NewReview) -> Posted:
        body = {
            "commit_id": review.commit,
            "body": review.body,
            "event": "COMMENT",
            "comments": [_comment(comment) for comment in review.comments],
        }
        return _posted(self._client.post(f"pulls/{number}/reviews", body, PostReply))

    def drop_pending_review(self, number: int) -> bool:
        """GitHub lists a pending review to nobody but its author."""
        pages = self._client.pages(f"pulls/{number}/reviews", ReviewsReply)
        pending = [review.id for page in pages for review in page.root if review.state == "PENDING"]
        for review_id in pending:
            self._client.delete(f"pulls/{number}/reviews/{review_id}")
        return bool(pending)

    def post_comment(self, number: int, body: str) -> Posted:
        return _posted(self._client.post(f"issues/{number}/comments", {"body": body}, PostReply))

    def edit_comment(self, comment_id: int, body: str) -> Posted:
        return _posted(self._client.patch(f"issues/comments/{comment_id}", {"body": body}, PostReply))

    def reply(self, number: int, remark_id: int, body: str) -> Posted:
        return _posted(self._client.post(f"pulls/{number}/comments/{remark_id}/replies", {"body": body}, PostReply))

    def resolve(self, thread_id: str) -> None:
        self._client.graphql(_RESOLVE, {"id": thread_id}, _Anything, write=True)

    def hide(self, node_id: str) -> None:
        self._client.graphql(_HIDE, {"id": node_id}, _Anything, write=True)

    def react(self, comment_id: int, content: str) -> None:
        self._client.post(f"issues/comments/{comment_id}/reactions", {"content": content}, _Anything)

    def find_check(self, head_sha: str, external_id: str) -> int | None:
        runs = self._checks(head_sha)
        return next((run.id for run in runs if run.external_id == external_id and run.status != "completed"), None)

    def has_check(self, head_sha: str) -> bool:
        return any(True for _ in self._checks(head_sha))

    def _checks(self, head_sha: str) -> Iterator[CheckReply]:
        query = {"check_name": CHECK_NAME, "filter": "all"}
        for page in self._client.pages(f"commits/{_name(head_sha)}/check-runs", ChecksReply, query):
            yield from page.check_runs

    def put_check(self, check: Check, check_id: int | None) -> int:
        """Annotations that are there already are not sent again; the last call of several ends the run."""
        if check_id is None:
            bodies = _check_bodies(check, there=0)
            new = {"name": CHECK_NAME, "head_sha": check.head_sha, **next(bodies)}
            check_id = self._client.post("check-runs", new, CheckReply).id
        else:
            known = self._client.get(f"check-runs/{check_id}", CheckReply)
            bodies = _check_bodies(check, known.output.annotations_count)
        for body in bodies:
            self._client.patch(f"check-runs/{check_id}", body, CheckReply)
        return check_id


def _name(text: str) -> str:
    """One part of a path."""
    return quote(text, safe="")


def _range(base: str, head: str) -> str:
    return f"compare/{_name(base)}...{_name(head)}"


def _pull(repository: str, reply: PullReply) -> Pull:
    return Pull(
        address=Address(repository, reply.number),
        repository_id=reply.base.repo.id,
        title=reply.title,
        body=reply.body or "",
        author_is_bot=reply.user is not None and reply.user.type == "Bot",
        author_association=reply.author_association,
        state=reply.state,
        draft=reply.draft,
        base_sha=reply.base.sha,
        base_ref=reply.base.ref,
        head_sha=reply.head.sha,
        head_repository_id=reply.head.repo.id if reply.head.repo else None,
        changed_files=reply.changed_files,
        additions=reply.additions,
        deletions=reply.deletions,
    )


def _posted(reply: PostReply) -> Posted:
    return Posted(id=reply.id, url=reply.html_url)


def _comment(comment: NewComment) -> Mapping[str, Any]:
    start = {} if comment.start_line is None else {"start_line": comment.start_line, "start_side": comment.side}
    return {"path": comment.path, "body": comment.body, "line": comment.line, "side": comment.side, **start}


def _check_bodies(check: Check, there: int) -> Iterator[dict[str, Any]]:
    """What is sent for a check run that has so many annotations, call by call; at least one."""
    left = check.annotations[there:]
    batches = [left[at : at + ANNOTATIONS] for at in range(0, len(left), ANNOTATIONS)] or [()]
    for number, batch in enumerate(batches, start=1):
        ends = check.conclusion is not None and number == len(batches)
        yield {
            "external_id": check.external_id,
            **({"status": "completed", "conclusion": check.conclusion} if ends else {"status": "in_progress"}),
            "output": {
                "title": check.title,
                "summary": check.summary,
                "annotations": [_annotation(annotation) for annotation in batch],
            },
        }


def _annotation(annotation: Annotation) -> Mapping[str, Any]:
    return {
        "path": annotation.path,
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "annotation_level": annotation.level,
        "title": annotation.title,
        "message": annotation.message,
    }
