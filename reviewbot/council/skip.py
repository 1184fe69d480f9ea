"""What of a change nobody reads: files the policy ignores and files without text. Each is named. Pure."""

import fnmatch
from collections.abc import Sequence

from reviewbot.change import Diff, File, Gap


def matches(path: str, glob: str) -> bool:
    """Whether a path of the diff falls under a policy's glob. `*` crosses folders: `vendor/*` is all below vendor."""
    return fnmatch.fnmatchcase(path, glob)


def skip_ignored(diff: Diff, globs: Sequence[str]) -> tuple[Diff, tuple[Gap, ...]]:
    """The diff without the files the policy ignores by both their names, and each skip.

    Workflows and executables are never skipped.
    """
    kept, gaps = [], []
    for file in diff.files:
        glob = next((glob for glob in globs if matches(file.path, glob)), None)
        if glob is None or _never_skipped(file) or _comes_from_elsewhere(file, globs):
            kept.append(file)
        else:
            gaps.append(gap(file, f"ignored by the policy ({glob})"))
    return Diff(files=tuple(kept)), tuple(gaps)


def _never_skipped(file: File) -> bool:
    names, modes = (file.path, file.old_path or ""), (file.new_mode, file.old_mode)
    return any(name.startswith(".github/workflows/") for name in names) or "100755" in modes


def _comes_from_elsewhere(file: File, globs: Sequence[str]) -> bool:
    """A file that was read until now cannot be moved out of sight with an edit."""
    was = file.old_path or file.path
    return file.status == "renamed" and not any(matches(was, glob) for glob in globs)


def skip_binary(diff: Diff) -> tuple[Diff, tuple[Gap, ...]]:
    """The diff without the files git showed no text of, and each of them."""
    kept = tuple(file for file in diff.files if not file.binary)
    return Diff(files=kept), tuple(gap(file, "binary") for file in diff.files if file.binary)


def gap(file: File, why: str) -> Gap:
    """A whole file nobody looked at."""
    return Gap(path=file.path, lines=file.additions + file.deletions, why=why)
