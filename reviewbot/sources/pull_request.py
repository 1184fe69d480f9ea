"""A change from a pull request: its diff, proved whole; its author's words; and what the base commit asks of a review.

Three sources give the diff, each asked where the one before it cannot: GitHub's diff of two commits, its list of files,
and git itself (THREATS G20 to G24). Two are pinned by SHA and so cannot show another head (G17); the list is read by
the pull request's number, and counts only while that still stands at the same head. What the API gives must have as
many files and lines as GitHub counts. git is believed: it prints all, or fails.

The head is never checked out, and nothing of it but the diff is read here (THREATS S05, S08); the code around it is
`head_tree`'s. Who the author is, is not read at all (S15).
"""

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import Change, Diff, Gap, parse_diff
from reviewbot.errors import BadDiff, BadInput, ReviewbotError, TooLarge, Unreachable
from reviewbot.forge.model import Pull, PullFile
from reviewbot.forge.port import Forge
from reviewbot.report.safe import visible_line
from reviewbot.sources.binary import hidden_text
from reviewbot.sources.fetch import fetch_diff
from reviewbot.sources.intent import stated
from reviewbot.sources.listing import Row, as_diff, old_name, placed
from reviewbot.sources.pages import read_pages
from reviewbot.sources.trees import Entry, Tree, tree_of_forge

MAX_LISTED_FILES = 3_000
"""GitHub lists no more (REST, "List pull requests files"; THREATS G21)."""
MAX_FOLDERS = 200
"""Of one side. More cost more requests to look up modes in than git needs for the whole."""
PAGE_SIZES = (100, 10)
"""Rows of one answer. With less in it, less is left out (THREATS G22)."""
NOT_SHOWN = "GitHub shows no text of it"
_REMEDY = "review it in a clone: `reviewbot check BASE...HEAD`"


class Reading(NamedTuple):
    """A diff, and the files of it that are left out because their text was not given."""

    diff: Diff
    unread: tuple[Gap, ...] = ()


def read_pull_request(forge: Forge, pull: Pull, *, policy_file: Path | None = None) -> Change:
    """Read the change that `pull` shows, at the head it names, wherever the pull request has moved by now.

    A policy at the base commit that does not hold is left out, which `Change.policy_from` says: the very change that
    mends it has to be reviewed. Raises BadInput where no source gives the change, BadPrompt for a lens that does not
    hold, BadPolicy for `policy_file`.
    """
    base = forge.merge_base(pull.base_sha, pull.head_sha)
    reading = _first_whole(forge, pull, base)
    pages = read_pages(tree_of_forge(forge, pull.base_sha), policy_file, lenient=True)
    return Change(
        diff=reading.diff,
        unread=reading.unread,
        repository=pull.address.repository,
        number=pull.address.number,
        base_sha=base,
        head_sha=pull.head_sha,
        description=f"{pull.address}: {visible_line(pull.title)}",
        intent=stated(pull.title, pull.body),
        policy=pages.policy,
        policy_from=pages.policy_from,
        invariants=pages.invariants,
        lenses=pages.lenses,
    )


def read_between(forge: Forge, base_sha: str, head_sha: str) -> Diff:
    """The diff of two commits as it was once reviewed, to compare a new one with (`change.since`).

    Nothing counts its files: one that is missing here is only read again. Raises NoAccess where the old head is gone,
    BadInput where git cannot give it.
    """
    try:
        return _parsed(forge.compare(base_sha, head_sha))
    except (TooLarge, Unreachable, BadDiff):
        return _parsed(fetch_diff(forge.git_access(), base_sha, head_sha))


def _first_whole(forge: Forge, pull: Pull, base: str) -> Reading:
    """The first source that gives every file; else one that owns up to what it does not give."""
    partial, reasons = None, []
    for name, source in (("its diff", _compared), ("its list of files", _listed), ("git", _fetched)):
        try:
            reading = source(forge, pull, base)
        except (TooLarge, Unreachable, BadInput) as error:
            reasons.append(f"{name}: {_reason(error)}")
            continue
        if not reading.unread:
            return reading
        partial = reading
    if partial is None:
        raise BadInput(str(pull.address), f"nobody gives this change whole ({'; '.join(reasons)})", _REMEDY)
    return partial


def _reason(error: ReviewbotError) -> str:
    return visible_line(f"{error.who}: {error.what}" if isinstance(error, BadDiff) else error.what)


def _compared(forge: Forge, pull: Pull, base: str) -> Reading:
    """By media type, between two commits: the pull request's own diff would be that of whatever its head is now."""
    diff = _parsed(forge.compare(base, pull.head_sha))
    _check_files(diff.files, pull)
    _check_lines(diff, pull)
    hidden = hidden_text(diff, tree_of_forge(forge, base), tree_of_forge(forge, pull.head_sha))
    return _without(diff, dict.fromkeys(hidden, 0))


def _listed(forge: Forge, pull: Pull, base: str) -> Reading:
    """From the list of files, asked for again in smaller pages while it leaves lines out."""
    if pull.changed_files > MAX_LISTED_FILES:
        raise TooLarge("files", f"it has {pull.changed_files:,}, and GitHub lists {MAX_LISTED_FILES:,}", _REMEDY)
    files: tuple[PullFile, ...] = ()
    for size in PAGE_SIZES:
        files = forge.files(pull.address.number, page_size=size)
        if _lines(*files) == _lines(pull):
            break
    _check_files(files, pull)
    now = forge.pull(pull.address.number)
    if (now.head_sha, now.base_ref) != (pull.head_sha, pull.base_ref):
        raise BadDiff("files", "the pull request moved while they were listed", _REMEDY)
    old, new = tree_of_forge(forge, base), tree_of_forge(forge, pull.head_sha)
    before = _looked_up(old, [old_name(file) for file in files if file.status != "added"])
    after = _looked_up(new, [file.path for file in files if file.status != "removed"])
    rows = placed(files, before, after)
    diff = _parsed(as_diff(rows))
    left_out = dict.fromkeys(hidden_text(diff, old, new), 0) | _left_out(rows, pull)
    if not left_out:
        _check_lines(diff, pull)
    return _without(diff, left_out)


def _fetched(forge: Forge, pull: Pull, base: str) -> Reading:
    diff = _parsed(fetch_diff(forge.git_access(), base, pull.head_sha))
    if not diff.files:
        _check_files((), pull)
    return Reading(diff)


def _parsed(data: bytes) -> Diff:
    """An empty answer is an empty diff: whether it may be one, the pull request's own count tells (THREATS G24)."""
    return parse_diff(data) if data else Diff(files=())


def _looked_up(tree: Tree, paths: Sequence[str]) -> Mapping[str, Entry]:
    folders = {posixpath.dirname(path) for path in paths}
    if len(folders) > MAX_FOLDERS:
        raise TooLarge("files", f"they stand in {len(folders):,} folders", _REMEDY)
    return tree.entries(*paths)


def _left_out(rows: Sequence[Row], pull: Pull) -> dict[str, int]:
    """Files GitHub counts lines in and shows none of, with these lines.

    While the rows do not add up to the pull request's own counts, any row without text may be one of them.
    """
    silent = {row.file.path: sum(_lines(row.file)) for row in rows if row.without_text}
    if _lines(*(row.file for row in rows)) != _lines(pull):
        return silent
    return {path: lines for path, lines in silent.items() if lines}


def _without(diff: Diff, left_out: Mapping[str, int]) -> Reading:
    kept = tuple(file for file in diff.files if file.path not in left_out)
    unread = (Gap(path=path, lines=lines, why=NOT_SHOWN) for path, lines in sorted(left_out.items()))
    return Reading(Diff(files=kept), tuple(unread))


def _lines(*counted: Diff | Pull | PullFile) -> tuple[int, int]:
    """Added and removed lines in all."""
    return sum(part.additions for part in counted), sum(part.deletions for part in counted)


def _check_files(found: Sequence[object], pull: Pull) -> None:
    if len(found) != pull.changed_files:
        raise BadDiff("diff", f"it has {len(found):,} files where GitHub counts {pull.changed_files:,}", _REMEDY)


def _check_lines(diff: Diff, pull: Pull) -> None:
    if _lines(diff) != _lines(pull):
        found, counted = (f"+{more:,} -{less:,} lines" for more, less in (_lines(diff), _lines(pull)))
        raise BadDiff("diff", f"it has {found} where GitHub counts {counted}", _REMEDY)
