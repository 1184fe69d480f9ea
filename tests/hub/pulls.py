"""Reading a pull request as GitHub lets it be read: its diff, its files, what stands between two commits.

Sizes are GitHub's (THREATS G20-G23) and sit in `World.limits`.
"""

from typing import NamedTuple

from hub.records import Pull
from hub.rejection import Rejection, not_found
from hub.store import Changed
from hub.world import World


class FileRow(NamedTuple):
    """One row of "list pull requests files"."""

    path: str
    old_path: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None
    """Hunks without a final line feed, U+FFFD for bytes that are not UTF-8 (THREATS G23)."""


def find_pull(world: World, number: int) -> Pull:
    """Raises Rejection 404."""
    if number not in world.pulls:
        raise not_found()
    return world.pulls[number]


def head_as_read(world: World, pull: Pull) -> str:
    """The head that reads give: for a while after a push, the old one (THREATS G06)."""
    if pull.stale and world.clock.now() < pull.stale[1]:
        return pull.stale[0]
    return pull.head_sha


def base_tip(world: World, pull: Pull) -> str:
    return world.branches[pull.base_ref]


def merge_base(world: World, base: str, head: str) -> str:
    """The commit that a diff of two revisions begins at. Raises Rejection 404 where they have none."""
    old, new = (world.branches.get(name) or world.store.find(name) for name in (base, head))
    found = world.store.merge_base(old, new) if old and new else None
    if found is None:
        raise not_found()
    return found


def diff_base(world: World, pull: Pull, head: str) -> str:
    return merge_base(world, base_tip(world, pull), head)


def changes(world: World, pull: Pull) -> tuple[Changed, ...]:
    """The files of the pull request as it is read now."""
    head = head_as_read(world, pull)
    return world.store.changes(diff_base(world, pull, head), head)


def pull_diff(world: World, number: int) -> bytes:
    """The diff by media type. Raises Rejection 404, 406."""
    pull = find_pull(world, number)
    head = head_as_read(world, pull)
    return _bounded_diff(world, diff_base(world, pull, head), head)


def compare_diff(world: World, base: str, head: str) -> bytes:
    """The three-dot diff of two revisions, by media type. Raises Rejection 404, 406."""
    start = merge_base(world, base, head)
    return _bounded_diff(world, start, world.branches.get(head) or world.store.find(head) or head)


def _bounded_diff(world: World, base: str, head: str) -> bytes:
    text, limits = world.store.diff(base, head), world.limits
    if len(world.store.changes(base, head)) > limits.diff_files:
        raise _too_large(f"Sorry, the diff exceeded the maximum number of files ({limits.diff_files}).")
    if text.count(b"\n") > limits.diff_lines:  # context counts: THREATS G20
        raise _too_large(f"Sorry, the diff exceeded the maximum number of lines ({limits.diff_lines})")
    return text


def _too_large(message: str) -> Rejection:
    fault = {"resource": "PullRequest", "field": "diff", "code": "too_large"}
    return Rejection(406, message, errors=(fault,))


def listed_files(world: World, number: int) -> tuple[Changed, ...]:
    """All files that paging can reach: those beyond 3,000 are not listed (THREATS G21)."""
    return changes(world, find_pull(world, number))[: world.limits.listed_files]


def compared_files(world: World, base: str, head: str) -> tuple[FileRow, ...]:
    """The files of a comparison: at most 300, all on its first page (THREATS G21)."""
    start, end = merge_base(world, base, head), world.branches.get(head) or world.store.find(head) or head
    return rows(world, world.store.changes(start, end)[: world.limits.compared_files])


def rows(world: World, files: tuple[Changed, ...]) -> tuple[FileRow, ...]:
    """The rows of one response. When its patches reach the limit, later rows lose theirs without a mark (G22)."""
    made, lines = [], 0
    for file in files:
        cut = lines >= world.limits.patch_lines
        lines += file.patch.count(b"\n")
        made.append(_row(file, cut=cut))
    return tuple(made)


def _row(file: Changed, *, cut: bool) -> FileRow:
    moved = file.status in {"renamed", "copied"}
    text = None if cut or not file.patch else file.patch.decode("utf-8", "replace").removesuffix("\n")
    return FileRow(
        path=file.path,
        old_path=file.old_path if moved else None,
        status=file.status,
        sha=file.sha,
        additions=0 if cut else file.additions,
        deletions=0 if cut else file.deletions,
        patch=text,
    )
