"""How much of a change one prompt holds: whole hunks, what matters most first, each changed line placed or named. Pure.

Knows sizes and order; nothing of the words around a hunk, which is `council.layout`'s business.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reviewbot.change import Diff, File, Gap, Hunk
from reviewbot.change.tier import stake_of
from reviewbot.council.prices import BYTES_PER_TOKEN
from reviewbot.settings import TierName

_HEADER, _KIND, _NUMBER = 40, 32, 8
"""Bytes: what stands around the names of a file, what says that it is no ordinary one, and what stands before a line
with its line feed."""
RESERVE = 0.9
"""Of a window that is filled: an estimate of tokens is no count (THREATS L14)."""
QUESTION_BYTES = 12_000
"""For what stands behind the change: the longest question (all lenses, or the claims of a challenge) and the schema."""
WHOLE_FILE = 0.25
"""Of a part that may stay empty so that a file is not torn in two."""
HALF = 0.55
"""Of a part that was too long: a little more than a half, so that two are enough."""
TOO_WIDE = "has a line longer than a prompt holds"


class Room(NamedTuple):
    """What one call to a member holds."""

    prompt_bytes: int
    """For the rules and the change; the question has its own."""
    answer_tokens: int


def room_of(window: int | None, *, prompt_tokens: int, answer_tokens: int) -> Room:
    """`window` is the tokens a member's context holds, None where nobody knows. The answer has a quarter at most."""
    if window is None:
        return Room(prompt_tokens * BYTES_PER_TOKEN, answer_tokens)
    answer = min(answer_tokens, window // 4)
    question = min(QUESTION_BYTES // BYTES_PER_TOKEN, window // 4)
    held = int(window * RESERVE) - answer - question
    return Room(max(0, min(prompt_tokens, held)) * BYTES_PER_TOKEN, answer)


def fit(diff: Diff, lines: int, *, paths: Mapping[str, TierName], why: str) -> tuple[Diff, tuple[Gap, ...]]:
    """As many changed lines of what matters most, in the order of the diff, and what is left out.

    The last hunk is cut where there is no more room. `why` is what a person reads beside each file that is not whole.
    """
    kept, gaps = dict[str, File](), dict[str, Gap]()
    for file in by_stakes(diff, paths).files:
        hunks = list[Hunk]()
        for hunk in file.hunks:
            if lines:
                hunks.append(_first_lines(hunk, lines))
                lines -= changed_lines(hunks[-1])
        part = _with(file, hunks)
        if missing := file.additions + file.deletions - part.additions - part.deletions:
            gaps[file.path] = Gap(path=file.path, lines=missing, why=why)
        if hunks or not file.hunks:
            kept[file.path] = part if missing else file
    order = [file.path for file in diff.files]
    return Diff(files=tuple(kept[path] for path in order if path in kept)), tuple(gaps.values())


def changed_lines(hunk: Hunk) -> int:
    return hunk.additions + hunk.deletions


def _first_lines(hunk: Hunk, lines: int) -> Hunk:
    """The hunk up to so many changed lines, with the mark of a missing line feed that belongs to the last."""
    if changed_lines(hunk) <= lines:
        return hunk
    body = list[str]()
    for raw in hunk.body:
        if not lines and raw[0] != "\\":
            break
        lines -= raw[0] in "+-"
        body.append(raw)
    return hunk.model_copy(update={"body": tuple(body)})


def prompt_bytes(part: File | Hunk) -> int:
    """What a hunk with its line numbers, or the line that names a file, takes in a prompt at most."""
    if isinstance(part, File):
        kind = _KIND if {part.old_mode, part.new_mode} - {None, "100644"} else 0
        return _HEADER + kind + _bytes(f"{part.path}{part.old_path}")
    return sum(map(_line_bytes, (part.section, *part.body)))


def file_bytes(file: File) -> int:
    """What a file with all its hunks takes in a prompt at most."""
    return prompt_bytes(file) + sum(map(prompt_bytes, file.hunks))


def diff_bytes(diff: Diff) -> int:
    return sum(map(file_bytes, diff.files))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _line_bytes(raw: str) -> int:
    return _bytes(raw) + _NUMBER


def by_stakes(diff: Diff, paths: Mapping[str, TierName] | None = None) -> Diff:
    """The files that matter most first; those that matter as much keep the order of the diff."""
    return Diff.model_construct(files=tuple(sorted(diff.files, key=lambda file: stake_of(file, paths))))


def pack(diff: Diff, room: int) -> tuple[tuple[Diff, ...], tuple[Gap, ...]]:
    """The diff in as few parts as `room` bytes allow, in its order, and the lines no part can hold."""
    parts: list[list[File]] = [[]]
    free, gaps = room, list[Gap]()
    for file in diff.files:
        left, head = list[Hunk](), prompt_bytes(file)
        whole = file_bytes(file)
        if free < whole <= room and (free <= WHOLE_FILE * room or not file.hunks):
            parts.append([])
            free = room
        for hunk in _pieces(file, room - head, gaps) if whole > free else file.hunks:
            taken = prompt_bytes(hunk)
            if taken + (0 if left else head) > free:
                _close(parts, file, left)
                free, left = room, []
            free -= taken + (0 if left else head)
            left.append(hunk)
        if left or not file.hunks:
            free -= 0 if left else head
            parts[-1].append(file if left == list(file.hunks) else _with(file, left))
    return tuple(Diff.model_construct(files=tuple(files)) for files in parts if files), tuple(gaps)


def _close(parts: list[list[File]], file: File, hunks: list[Hunk]) -> None:
    """What stands of a file goes into the part that is full, and a new part begins."""
    if hunks:
        parts[-1].append(_with(file, hunks))
    parts.append([])


def _with(file: File, hunks: Iterable[Hunk]) -> File:
    return file.model_copy(update={"hunks": tuple(hunks)})


def _pieces(file: File, room: int, gaps: list[Gap]) -> Iterator[Hunk]:
    """A file's hunks, those larger than a part cut between lines. A line that no part holds goes to `gaps`."""
    for hunk in file.hunks:
        if prompt_bytes(hunk) <= room:
            yield hunk
            continue
        lost = 0
        for piece in cut(hunk, room):
            if prompt_bytes(piece) <= room:
                yield piece
            else:
                lost += changed_lines(piece)
        if lost:
            gaps.append(Gap(path=file.path, lines=lost, why=TOO_WIDE))


def cut(hunk: Hunk, room: int) -> Iterator[Hunk]:
    """The hunk in pieces of `room` bytes, each line at its own numbers. Only a single line can be larger than that."""
    old, new, free = hunk.old_start, hunk.new_start, room - _line_bytes(hunk.section)
    body = list[str]()
    for raw in hunk.body:
        taken = _line_bytes(raw)
        if body and taken > free and raw[0] != "\\":  # the mark of a missing line feed stays with its line
            yield Hunk.model_construct(old_start=old, new_start=new, section=hunk.section, body=tuple(body))
            old += sum(line[0] in "- " for line in body)
            new += sum(line[0] in "+ " for line in body)
            body, free = [], room - _line_bytes(hunk.section)
        body.append(raw)
        free -= taken
    yield Hunk.model_construct(old_start=old, new_start=new, section=hunk.section, body=tuple(body))


def halved(diff: Diff) -> tuple[tuple[Diff, ...], tuple[Gap, ...]]:
    """The same in two or three smaller parts, and the lines that are too long even for one of these."""
    return pack(diff, int(HALF * diff_bytes(diff)))
