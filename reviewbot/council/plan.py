"""What of a change is read: skipped files, unreadable ones, and how much one prompt holds. Pure."""

import fnmatch
from collections.abc import Callable, Sequence

from reviewbot.change import Diff, File, Gap, Hunk


def matches(path: str, glob: str) -> bool:
    """Whether a path of the diff falls under a policy's glob. `*` crosses folders: `vendor/*` is all below vendor."""
    return fnmatch.fnmatchcase(path, glob)


def skip_ignored(diff: Diff, globs: Sequence[str]) -> tuple[Diff, tuple[Gap, ...]]:
    """The diff without the files the policy ignores, and each skip. Workflows and executables are never skipped."""
    kept, gaps = [], []
    for file in diff.files:
        glob = next((glob for glob in globs if matches(file.path, glob)), None)
        if glob is None or _never_skipped(file):
            kept.append(file)
        else:
            gaps.append(gap(file, f"ignored by the policy ({glob})"))
    return Diff(files=tuple(kept)), tuple(gaps)


def _never_skipped(file: File) -> bool:
    return file.path.startswith(".github/workflows/") or file.new_mode == "100755"


def skip_binary(diff: Diff) -> tuple[Diff, tuple[Gap, ...]]:
    """The diff without the files git showed no text of, and each of them."""
    kept = tuple(file for file in diff.files if not file.binary)
    return Diff(files=kept), tuple(gap(file, "binary") for file in diff.files if file.binary)


def fit(diff: Diff, room: int, *, size: Callable[[Hunk], int], why: str) -> tuple[Diff, tuple[Gap, ...]]:
    """As many hunks as have room, in the order of the diff, and what is left out, line counts included.

    `size` measures a hunk in the unit of `room`; `why` is what a person reads beside each file that is not whole.
    """
    kept, gaps = [], []
    for file in diff.files:
        hunks = []
        for hunk in file.hunks:
            if (taken := size(hunk)) > room:
                break
            room -= taken
            hunks.append(hunk)
        part = file.model_copy(update={"hunks": tuple(hunks)})
        if missing := file.additions + file.deletions - part.additions - part.deletions:
            gaps.append(Gap(path=file.path, lines=missing, why=why))
        if hunks or not file.hunks:
            kept.append(part)
    return Diff(files=tuple(kept)), tuple(gaps)


def changed_lines(hunk: Hunk) -> int:
    return hunk.additions + hunk.deletions


def characters(hunk: Hunk) -> int:
    """What a hunk takes in a prompt, its line numbers included."""
    return sum(len(raw) + 6 for raw in hunk.body)


def gap(file: File, why: str) -> Gap:
    """A whole file nobody looked at."""
    return Gap(path=file.path, lines=file.additions + file.deletions, why=why)
