"""`MemoryForge`: reviewbot's port over the world, in this process, under the same rules and faults as over HTTP.

Each call is served as the request that the real adapter makes for it, so faults are written the same way for both.
Reads are tried again, and so is what a limit refused; a write without a clear answer is Doubtful. The world's clock
does the waiting.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Final, TypeVar

from hub import checks, pulls, reviews, talk
from hub.checks import CheckChange
from hub.facts import conversation, file_fact, posted, pull_fact
from hub.records import CheckRun, Grant, Request
from hub.rejection import Dropped, Rejection, not_found
from hub.threads import NewPlace
from hub.world import BOT, World

from reviewbot.errors import Doubtful, ForgeError, Limited, NoAccess, Refused, TooLarge, Unreachable
from reviewbot.forge.model import (
    Check,
    Conversation,
    GitAccess,
    NewReview,
    Posted,
    Pull,
    PullFile,
    TreeEntry,
)

T = TypeVar("T")
CHECK = "reviewbot"
"""The name of our check run."""
TRIES: Final = 5
PATIENCE: Final = 120.0
"""Seconds that a limit may make us wait in all."""


class MemoryForge:
    """One repository of the world, seen by one token. Implements `reviewbot.forge.port.Forge`."""

    def __init__(self, world: World, repository: str | None = None, token: str = BOT) -> None:
        self.world = world
        self.repository = repository or world.repository.name
        self.token = token

    # the change

    def pull(self, number: int) -> Pull:
        return self._read(self._pull(number), lambda _: pull_fact(self.world, pulls.find_pull(self.world, number)))

    def pulls_at(self, head_sha: str) -> tuple[int, ...]:
        def found(_: Grant) -> tuple[int, ...]:
            opened = (pull for pull in self.world.pulls.values() if pull.state == "open")
            return tuple(pull.number for pull in opened if pulls.head_as_read(self.world, pull) == head_sha)

        return self._read(self._repo("pulls"), found)

    def merge_base(self, base: str, head: str) -> str:
        return self._read(self._compare(base, head), lambda _: pulls.merge_base(self.world, base, head))

    def diff(self, number: int) -> bytes:
        return self._read(self._pull(number), lambda _: pulls.pull_diff(self.world, number))

    def compare(self, base: str, head: str) -> bytes:
        return self._read(self._compare(base, head), lambda _: pulls.compare_diff(self.world, base, head))

    def files(self, number: int, *, page_size: int = 100) -> tuple[PullFile, ...]:
        found: list[PullFile] = []
        while page := self._page_of_files(number, len(found), page_size):
            found += page
            if len(page) < page_size:
                break
        return tuple(found)

    def _page_of_files(self, number: int, start: int, size: int) -> list[PullFile]:
        def page(_: Grant) -> list[PullFile]:
            listed = pulls.listed_files(self.world, number)[start : start + size]
            return [file_fact(row) for row in pulls.rows(self.world, listed)]

        return self._read(f"{self._pull(number)}/files", page)

    def tree(self, sha: str) -> tuple[TreeEntry, ...]:
        found = self._read(self._repo(f"git/trees/{sha}"), lambda _: _there(self.world.store.tree(sha)))
        return tuple(TreeEntry(name=node.name, mode=node.mode, sha=node.sha, size=node.size or 0) for node in found)

    def blob(self, sha: str) -> bytes:
        return self._read(self._repo(f"git/blobs/{sha}"), lambda _: _there(self.world.store.blob(sha)))

    def git_access(self) -> GitAccess:
        if self.world.address is None:
            return GitAccess(url=self.world.store.path.as_uri(), authorization=None)
        key = b64encode(f"x-access-token:{self.token}".encode()).decode()
        return GitAccess(url=f"{self.world.address}/{self.repository}.git", authorization=f"basic {key}")

    # what was said

    def conversation(self, number: int) -> Conversation:
        path = "/graphql/repository"
        return self._read(
            path, lambda grant: conversation(self.world, pulls.find_pull(self.world, number), grant.account), "POST"
        )

    def may_write(self, login: str) -> bool:
        path = self._repo(f"collaborators/{login}/permission")
        try:
            talker = self._read(path, lambda _: talk.permission(self.world, talk.find_account(self.world, login).login))
        except NoAccess:
            return False
        return talker in {"admin", "maintain", "write"}

    # what we say

    def post_review(self, number: int, review: NewReview) -> Posted:
        comments = tuple(
            reviews.NewComment(NewPlace(new.path, new.line, new.side, new.start_line), new.body)
            for new in review.comments
        )
        asked = reviews.NewReview(review.commit, review.body, comments)
        return self._write(
            "POST", f"{self._pull(number)}/reviews",
            lambda grant: posted(self.world, number, reviews.create_review(self.world, grant, number, asked)),
        )  # fmt: skip

    def drop_pending_review(self, number: int) -> bool:
        def pending(grant: Grant) -> int | None:
            found = reviews.own_pending(pulls.find_pull(self.world, number), grant.account)
            return found.id if found else None

        review_id = self._read(f"{self._pull(number)}/reviews", pending)
        if review_id is None:
            return False
        path = f"{self._pull(number)}/reviews/{review_id}"
        self._write("DELETE", path, lambda grant: reviews.delete_pending(self.world, grant, number, review_id))
        return True

    def post_comment(self, number: int, body: str) -> Posted:
        path = self._repo(f"issues/{number}/comments")
        return self._write(
            "POST", path, lambda grant: posted(self.world, number, talk.create_comment(self.world, grant, number, body))
        )

    def edit_comment(self, comment_id: int, body: str) -> Posted:
        def edit(grant: Grant) -> Posted:
            said = talk.edit_comment(self.world, grant, comment_id, body)
            return posted(self.world, talk.find_comment(self.world, comment_id)[0].number, said)

        return self._write("PATCH", self._repo(f"issues/comments/{comment_id}"), edit)

    def reply(self, number: int, remark_id: int, body: str) -> Posted:
        path = f"{self._pull(number)}/comments/{remark_id}/replies"
        return self._write(
            "POST", path,
            lambda grant: posted(self.world, number, talk.create_reply(self.world, grant, number, remark_id, body)),
        )  # fmt: skip

    def resolve(self, thread_id: str) -> None:
        self._write(
            "POST", "/graphql/resolveReviewThread",
            lambda grant: talk.set_resolved(self.world, grant, thread_id, resolved=True),
        )  # fmt: skip

    def hide(self, node_id: str) -> None:
        self._write(
            "POST", "/graphql/minimizeComment", lambda grant: talk.minimize(self.world, grant, node_id, "RESOLVED")
        )  # fmt: skip

    def react(self, comment_id: int, content: str) -> None:
        self._write(
            "POST", self._repo(f"issues/comments/{comment_id}/reactions"),
            lambda grant: talk.add_reaction(
                self.world, grant, talk.find_comment(self.world, comment_id)[1], content
            ),
        )  # fmt: skip

    def find_check(self, head_sha: str, external_id: str) -> int | None:
        ours = (one for one in self._checks(head_sha) if one.external_id == external_id)
        return next((one.id for one in ours if one.status != "completed"), None)

    def has_check(self, head_sha: str) -> bool:
        return bool(self._checks(head_sha))

    def _checks(self, head_sha: str) -> list[CheckRun]:
        def listed(grant: Grant) -> list[CheckRun]:
            found = checks.listed_checks(self.world, head_sha, name=CHECK, latest=False)
            return [one for one in found if one.owner == grant.account]

        return self._read(self._repo(f"commits/{head_sha}/check-runs"), listed)

    def put_check(self, check: Check, check_id: int | None) -> int:
        """One call for the first 50 annotations that do not stand yet, one for each 50 more; the last one ends it."""
        done = 0
        if check_id is not None:
            standing, path = check_id, self._repo(f"check-runs/{check_id}")
            done = self._read(path, lambda _: len(checks.find_check(self.world, standing).annotations))
        rest = check.annotations[done:]
        batches = [rest[start : start + 50] for start in range(0, len(rest), 50)] or [()]
        for place, batch in enumerate(batches, start=1):
            conclusion = check.conclusion if place == len(batches) else None
            change = CheckChange(
                name=CHECK, head_sha=check.head_sha, external_id=check.external_id, title=check.title,
                summary=check.summary, conclusion=conclusion, status=None if conclusion else "in_progress",
                annotations=tuple(one.model_dump() for one in batch),
            )  # fmt: skip
            check_id = self._put(change, check_id)
        return check_id or 0

    def _put(self, change: CheckChange, check_id: int | None) -> int:
        if check_id is None:
            path = self._repo("check-runs")
            return self._write("POST", path, lambda grant: checks.create_check(self.world, grant, change).id)
        path = self._repo(f"check-runs/{check_id}")
        return self._write("PATCH", path, lambda grant: checks.update_check(self.world, grant, check_id, change).id)

    # how a request is made

    def _repo(self, rest: str) -> str:
        return f"/repos/{self.repository}/{rest}"

    def _pull(self, number: int) -> str:
        return self._repo(f"pulls/{number}")

    def _compare(self, base: str, head: str) -> str:
        return self._repo(f"compare/{base}...{head}")

    def _read(self, path: str, act: Callable[[Grant], T], method: str = "GET") -> T:
        """Ask until there is an answer, five times at most. Raises NoAccess, TooLarge, Limited, Unreachable."""
        for attempt in range(TRIES):
            try:
                return self._patiently(method, path, act)
            except Dropped:
                self.world.clock.sleep(2.0**attempt)
            except Rejection as no:
                if no.status < 500:
                    raise _error(path, no) from no
                self.world.clock.sleep(2.0**attempt)
        raise Unreachable(path, "no answer after five tries", "try again later")

    def _write(self, method: str, path: str, act: Callable[[Grant], T]) -> T:
        """Ask once. Raises NoAccess, Refused, Limited, Doubtful."""
        try:
            return self._patiently(method, path, act)
        except Dropped as gone:
            raise Doubtful(path, "the connection ended without an answer", "look before trying again") from gone
        except Rejection as no:
            if no.status >= 500 or no.status == 408:
                raise Doubtful(path, f"answered {no.status}", "look before trying again") from no
            raise _error(path, no) from no

    def _patiently(self, method: str, path: str, act: Callable[[Grant], T]) -> T:
        """Wait for a limit to pass, as long as patience lasts: it refused, so nothing was done."""
        waited, pause = 0.0, 60.0
        while True:
            try:
                return self.world.serve(Request(method, path, self.token), lambda: act(self._grant()))
            except Rejection as no:
                if no.reason != "limit":
                    raise
                pause = self._pause(no, pause)
                waited += pause
                if waited > PATIENCE:
                    raise Limited(path, f"asks to wait {pause:.0f} s", "try again later") from no
                self.world.clock.sleep(pause)

    def _pause(self, no: Rejection, pause: float) -> float:
        if "Retry-After" in no.headers:
            return float(no.headers["Retry-After"])
        if no.headers.get("X-RateLimit-Remaining") == "0":
            return max(1.0, float(no.headers["X-RateLimit-Reset"]) - self.world.clock.now())
        return pause

    def _grant(self) -> Grant:
        """What the token opens here. A former name still leads here, as a followed redirect."""
        if self.repository not in {self.world.repository.name, *self.world.former_names}:
            raise not_found()
        return self.world.grant(self.token)


def _there(found: T | None) -> T:
    if found is None:
        raise not_found()
    return found


def _error(path: str, no: Rejection) -> ForgeError:
    said = f"{no.status} {no.message} {' '.join(map(str, no.errors))}".strip()
    if no.status == 406:
        return TooLarge(path, said, "read the files instead")
    if no.status == 422:
        reason = "other" if no.reason == "limit" else no.reason
        return Refused(path, said, "nothing was made", reason=reason)
    return NoAccess(path, said, "check the token's permissions")
