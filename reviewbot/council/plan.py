"""What of a change is read: skipped files, unreadable ones, and how much one prompt holds. Pure."""

import fnmatch
from collections.abc import Callable, Sequence

from reviewbot.change import Diff, File, Gap, Hunk

_HEADER, _NUMBER = 40, 8
"""Bytes: what stands around the names of a file, and before a line with its line feed."""


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
    names, modes = (file.path, file.old_path or ""), (file.new_mode, file.old_mode)
    return any(name.startswith(".github/workflows/") for name in names) or "100755" in modes


def skip_binary(diff: Diff) -> tuple[Diff, tuple[Gap, ...]]:
    """The diff without the files git showed no text of, and each of them."""
    kept = tuple(file for file in diff.files if not file.binary)
    return Diff(files=kept), tuple(gap(file, "binary") for file in diff.files if file.binary)


def fit(diff: Diff, room: int, *, size: Callable[[File | Hunk], int], why: str) -> tuple[Diff, tuple[Gap, ...]]:
    """As many hunks as have room, in the order of the diff, and what is left out, line counts included.

    `size` measures a hunk, or a file without its hunks, in the unit of `room`; `why` is what a person reads beside each
    file that is not whole.
    """
    kept, gaps = [], []
    for file in diff.files:
        hunks, has_room = [], size(file) <= room
        room -= size(file) if has_room else 0
        for hunk in file.hunks if has_room else ():
            if (taken := size(hunk)) > room:
                break
            room -= taken
            hunks.append(hunk)
        part = file.model_copy(update={"hunks": tuple(hunks)})
        missing = file.additions + file.deletions - part.additions - part.deletions
        if missing or not has_room:
            gaps.append(Gap(path=file.path, lines=missing, why=why))
        if has_room and (hunks or not file.hunks):
            kept.append(part)
    return Diff(files=tuple(kept)), tuple(gaps)


def changed_lines(part: File | Hunk) -> int:
    """Of a hunk; a file without its hunks has none."""
    return part.additions + part.deletions if isinstance(part, Hunk) else 0


def prompt_bytes(part: File | Hunk) -> int:
    """What a hunk with its line numbers, or the line that names a file, takes in a prompt at most."""
    if isinstance(part, File):
        return _HEADER + len(f"{part.path}{part.old_path}".encode("utf-8", "replace"))
    return sum(len(raw.encode("utf-8", "replace")) + _NUMBER for raw in (part.section, *part.body))


def gap(file: File, why: str) -> Gap:
    """A whole file nobody looked at."""
    return Gap(path=file.path, lines=file.additions + file.deletions, why=why)
