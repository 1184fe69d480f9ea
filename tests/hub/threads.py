"""Where a comment may stand, and where it stands after pushes. All of it follows from git, nothing is remembered."""

from typing import NamedTuple

from hub import places
from hub.places import Hunk, Side
from hub.pulls import diff_base
from hub.records import Pull, ReviewComment, Thread
from hub.rejection import unprocessable
from hub.store import Changed
from hub.world import World

OLDER_SENTENCE = (
    "Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank"
)


class NewPlace(NamedTuple):
    """Where a comment of a new review wants to stand."""

    path: str
    line: int | None
    side: Side = "RIGHT"
    start_line: int | None = None
    start_side: Side | None = None


def check_place(world: World, pull: Pull, commit: str, place: NewPlace) -> None:
    """GitHub's rules for one anchor (THREATS G12, G13). Raises Rejection 422, which never says which anchor it was."""
    file = _file(world.store.changes(diff_base(world, pull, commit), commit), place.path)
    if file is None:
        raise unprocessable("Path could not be resolved", reason="anchor")
    start_side = place.start_side or place.side
    if place.start_line is not None and start_side == place.side and place.start_line >= (place.line or 0):
        raise unprocessable("Pull request review thread start line must precede the end line.", reason="anchor")
    end = _hunk_of(file, place.side, place.line)
    if end is None or (place.path, place.side, place.line) in world.refused_anchors:
        raise unprocessable(world.anchor_sentence, reason="anchor")
    if place.start_line is not None and place.start_line not in end.side(start_side):
        sentence = "Pull request review thread start line must be part of the same hunk as the line."
        raise unprocessable(sentence, reason="anchor")


def hunk_text(world: World, pull: Pull, commit: str, place: NewPlace) -> str:
    """The hunk that a comment shows: `diff_hunk`."""
    file = _file(world.store.changes(diff_base(world, pull, commit), commit), place.path)
    hunk = _hunk_of(file, place.side, place.line) if file else None
    if file is None or hunk is None:
        return ""
    sections = file.patch.decode("utf-8", "replace").split("\n@@ ")
    at = places.hunks(file.patch).index(hunk)
    return (sections[at] if at == 0 else "@@ " + sections[at]).removesuffix("\n")


class Now(NamedTuple):
    """Where a thread is in the current diff."""

    start_line: int | None
    line: int


def place_now(world: World, pull: Pull, thread: Thread) -> Now | None:
    """The lines of a thread in the diff as it is now; None where it is outdated: its code changed or left the diff."""
    base = diff_base(world, pull, pull.head_sha)
    if (thread.base, thread.commit) == (base, pull.head_sha):
        return Now(thread.start_line, thread.line)
    right = thread.side == "RIGHT"
    before, after = (thread.commit, pull.head_sha) if right else (thread.base, base)
    path, line = _carried(world, before, after, thread.path, thread.line)
    _, start = _carried(world, before, after, thread.path, thread.start_line or thread.line)
    file = _file(world.store.changes(base, pull.head_sha), path)
    hunk = _hunk_of(file, thread.side, line) if file else None
    if line is None or start is None or hunk is None or start not in hunk.side(thread.side):
        return None
    return Now(start if thread.start_line is not None else None, line)


def submitted_comments(world: World, pull: Pull, thread: Thread) -> list[ReviewComment]:
    """What a thread shows by now, oldest first; the comments of a pending review are nowhere."""
    pending, now = {review.id for review in pull.reviews if review.state == "PENDING"}, world.clock.now()
    theirs = [comment for comment in pull.review_comments if comment.thread == thread.id]
    return [comment for comment in theirs if comment.review not in pending and comment.visible_from <= now]


def _carried(world: World, before: str, after: str, path: str, line: int) -> tuple[str, int | None]:
    """A line of a file some commits later: the path it has then, and its number if it was not changed."""
    if before == after:
        return path, line
    for file in world.store.moved_lines(before, after):
        if file.old_path == path and file.status != "added":
            gone = file.status == "removed" or (not file.patch and file.status != "renamed")
            return file.path, None if gone else places.carried(places.hunks(file.patch), line)
    return path, line


def _file(files: tuple[Changed, ...], path: str) -> Changed | None:
    return next((file for file in files if file.path == path), None)


def _hunk_of(file: Changed, side: Side, line: int | None) -> Hunk | None:
    return next((hunk for hunk in places.hunks(file.patch) if line in hunk.side(side)), None)
