"""What of a change is new since an earlier head of it was reviewed. Pure: two diffs in, the new part out.

Each diff begins at its own merge base, so a rebase or a merge of the base branch is no change of the pull request: a
hunk that only moved is the same. Knows nothing of who reviewed, or whether that review still holds.
"""

from collections.abc import Collection

from reviewbot.change.model import Change, Diff, File, Side


def since(change: Change, old: Diff, again: Collection[str] = ()) -> tuple[Change, tuple[str, ...]]:
    """The change with only the files that are not as in `old`, and the paths of the others in the diff's order.

    `again` are paths to be read in any case.
    """
    same = unchanged_since(old, change.diff).difference(again)
    new = tuple(file for file in change.diff.files if file.path not in same)
    unchanged = tuple(file.path for file in change.diff.files if file.path in same)
    return change.model_copy(update={"diff": Diff(files=new)}), unchanged


def unchanged_since(old: Diff, new: Diff) -> frozenset[str]:
    """Paths whose whole entry says the same in both: status, names, modes, and every hunk's lines and section.

    Line numbers do not count. A binary file is never unchanged: what it holds is in neither diff.
    """
    before = {file.path: _said(file) for file in old.files}
    return frozenset(file.path for file in new.files if not file.binary and before.get(file.path) == _said(file))


def _said(file: File) -> tuple[object, ...]:
    hunks = tuple((hunk.section, hunk.body) for hunk in file.hunks)
    return file.old_path, file.status, file.binary, file.old_mode, file.new_mode, hunks


def moved_by(path: str, side: Side, line: int, *, old: Diff, new: Diff) -> int:
    """By how many lines an unchanged file's line stands elsewhere in `new`; 0 for a line that is in no hunk."""
    before, after = (next((f.hunks for f in diff.files if f.path == path), ()) for diff in (old, new))
    for was, now in zip(before, after, strict=False):
        numbers = [entry.old if side == "old" else entry.new for entry in was.lines]
        if line in numbers:
            return now.old_start - was.old_start if side == "old" else now.new_start - was.new_start
    return 0
