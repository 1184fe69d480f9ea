"""A change as text for a prompt: fenced, each line at its number, and what surrounds it. Pure.

All of it, paths and code around the change included, is its author's text, so all of it stands between the fences.
Who wrote a commit is not in it (THREATS S15).
"""

from collections.abc import Sequence
from typing import NamedTuple

from reviewbot.change import Change, Diff, Excerpt, File
from reviewbot.change.redact import shown_path
from reviewbot.change.symbols import symbols_of

MAX_NAMES = 200
"""Of files that are not shown: past that a list of names says nothing more."""
KINDS = {"100755": "executable", "120000": "symbolic link", "160000": "submodule"}
"""What a file is by its mode, where it is no ordinary one."""
MAX_SYMBOLS = 12
"""Of one file in the outline; the others are counted."""
OUTLINE_FILE_BYTES = 1_000_000
"""Of a file that is searched for symbols; a longer one is named alone."""


class Around(NamedTuple):
    """What stands beside the hunks of a prompt."""

    left_out: tuple[str, ...] = ()
    """Files of the change that are not shown."""
    heading: str = ""
    """Which part of the change this is, and what else changed."""
    context: tuple[Excerpt, ...] = ()
    """Code that did not change."""


def show_change(change: Change, shown: Diff, around: Around, *, key: str) -> str:
    """The change as every lens of a member sees it, between fences that carry `key`, which the author cannot know."""
    parts = [f"<change {key}>"]
    if change.intent:
        parts += ["What the author says it is for:", change.intent, ""]
    if around.heading:
        parts += [around.heading, ""]
    parts += [_show_file(file) for file in shown.files]
    if around.left_out:
        parts.append("Also changed, not shown: " + _listed(around.left_out))
    parts += [_show_excerpt(excerpt) for excerpt in around.context]
    parts.append(f"</change {key}>")
    return "\n".join(parts)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(map(shown_path, names[:MAX_NAMES])) + more


def _show_file(file: File) -> str:
    was = f" from {shown_path(file.old_path)}" if file.old_path and file.old_path != file.path else ""
    rows = [f"=== {shown_path(file.path)} ({file.status}{was}{_kind(file)})"]
    for hunk in file.hunks:
        rows.append(f"@@ {hunk.section}".rstrip())
        rows += [f"{line.old if line.kind == '-' else line.new}{line.kind}{line.text}" for line in hunk.lines]
    return "\n".join(rows)


def _kind(file: File) -> str:
    """What the file became that its lines do not tell; of a link or a submodule, what it is."""
    before, now = (KINDS.get(mode or "", "ordinary file") for mode in (file.old_mode, file.new_mode or file.old_mode))
    if file.old_mode and before != now:
        return f", {before} -> {now}"
    told = now in KINDS.values() and (file.status == "added" or now != "executable")
    return f", {now}" if told else ""


def _show_excerpt(excerpt: Excerpt) -> str:
    """Code that did not change, numbered like context, so that no line of it can pass for a heading."""
    if excerpt.kind == "tree":
        return f"--- beside {shown_path(excerpt.path)}: {' '.join(excerpt.text.split())}"
    about = "" if excerpt.kind == "enclosing" else f" of {excerpt.about}"
    rows = [f"--- {shown_path(excerpt.path)} ({excerpt.kind}{about}, unchanged)"]
    rows += [f"{number} {text}" for number, text in enumerate(excerpt.text.split("\n"), start=excerpt.start_line)]
    return "\n".join(rows)


def excerpt_bytes(excerpt: Excerpt) -> int:
    """What an excerpt takes in a prompt."""
    return len(_show_excerpt(excerpt).encode("utf-8", "replace")) + 1


def heading_of(number: int, of: int, outline: str, *, piece: bool = False) -> str:
    """What stands above one of several parts, or above a piece of a part that was too long."""
    part = f"part {number + 1} of {of}" if of > 1 else "the change"
    this = f"a piece of {part}" if piece else part
    return f"This is {this}. The whole change, with what each file defines or changes:\n{outline}"


def outline_of(files: Sequence[File], room: int) -> str:
    """All files of a change, a line each with its size and the names it defines or changes, as far as `room` bytes go.

    First come the names of files, as many as there is room for; the others are counted. What is left is for symbols,
    those of the first files first.
    """
    rows = list[str]()
    for file in files:
        row = f"{shown_path(file.path)} +{file.additions} -{file.deletions}"
        if (taken := len(row.encode("utf-8", "replace")) + 1) > room:
            break
        rows.append(row)
        room -= taken
    for place, file in enumerate(files[: len(rows)]):
        names = _symbols(file)
        if (taken := len(names.encode("utf-8", "replace"))) > room:
            break
        rows[place] += names
        room -= taken
    if rest := files[len(rows) :]:
        lines = sum(file.additions + file.deletions for file in rest)
        rows.append(f"and {len(rest):,} more files with {lines:,} changed lines")
    return "\n".join(rows)


def _symbols(file: File) -> str:
    if sum(len(raw) for hunk in file.hunks for raw in hunk.body) > OUTLINE_FILE_BYTES:
        return ""
    names = symbols_of(file)
    more = f" and {len(names) - MAX_SYMBOLS} more" if len(names) > MAX_SYMBOLS else ""
    return f": {', '.join(names[:MAX_SYMBOLS])}{more}" if names else ""
