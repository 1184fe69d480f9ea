"""What reviewbot needs of a forge: one repository, seen by one identity.

The adapter is `github`; tests have a fake behind the same port and put the same questions to both. Reads are tried
again as the limits of the forge allow. A write is sent once: `Doubtful` says that it may have been done, and whoever
posts has to look before sending it again (THREATS G10, G11).

Every function may raise NoAccess, Limited, and Unreachable (a read) or Doubtful (a write).
"""

from typing import Protocol

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


class Forge(Protocol):
    """One repository. Numbers are those of its pull requests."""

    repository: str
    """"owner/name"."""

    # the change

    def pull(self, number: int) -> Pull: ...

    def pulls_at(self, head_sha: str) -> tuple[int, ...]:
        """The open pull requests with this head, those of forks among them (THREATS G27)."""
        ...

    def merge_base(self, base: str, head: str) -> str:
        """The commit that the pull request's diff begins at."""
        ...

    def diff(self, number: int) -> bytes:
        """The diff of a pull request from its merge base to its head. Raises TooLarge."""
        ...

    def compare(self, base: str, head: str) -> bytes:
        """The diff from the merge base of two commits to the second. Raises TooLarge."""
        ...

    def files(self, number: int, *, page_size: int = 100) -> tuple[PullFile, ...]:
        """The files GitHub lists, at most 3,000 (THREATS G21); smaller pages leave out fewer patches (G22)."""
        ...

    def tree(self, sha: str) -> tuple[TreeEntry, ...]:
        """What is directly in a tree or in the root of a commit. No symbolic link is followed."""
        ...

    def blob(self, sha: str) -> bytes: ...

    def git_access(self) -> GitAccess: ...

    # what was said

    def conversation(self, number: int) -> Conversation: ...

    def may_write(self, login: str) -> bool:
        """Whether this person may push to the repository (THREATS S23). Where GitHub will not say, it is a no."""
        ...

    # what we say

    def post_review(self, number: int, review: NewReview) -> Posted:
        """Raises Refused: all or nothing was made."""
        ...

    def drop_pending_review(self, number: int) -> bool:
        """Delete a review of ours that was never submitted, which keeps others from being made (THREATS G15)."""
        ...

    def post_comment(self, number: int, body: str) -> Posted: ...

    def edit_comment(self, comment_id: int, body: str) -> Posted: ...

    def reply(self, number: int, remark_id: int, body: str) -> Posted:
        """Answer in the thread that the remark opened."""
        ...

    def resolve(self, thread_id: str) -> None: ...

    def hide(self, node_id: str) -> None:
        """Fold a comment of ours away as resolved: what a token can do that may not resolve threads."""
        ...

    def react(self, comment_id: int, content: str) -> None:
        """Put a reaction of ours ("eyes", "+1", "confused") on an issue comment."""
        ...

    def find_check(self, head_sha: str, external_id: str) -> int | None:
        """The id of our check run with this external id that has not ended, if there is one."""
        ...

    def has_check(self, head_sha: str) -> bool:
        """Whether the commit has a check run of ours, whatever became of it."""
        ...

    def put_check(self, check: Check, check_id: int | None) -> int:
        """Make a check run, or bring the one with this id up to date; annotations are added, 50 a call."""
        ...
