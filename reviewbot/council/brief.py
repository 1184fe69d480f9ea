"""What one run shows its council: one change, packed into as few prompts as a member's window allows. Pure.

The same window gives the same parts, and a part shows the same bytes to every lens and to the challenge: that is what a
vendor's cache is read by. Knows nothing of who is asked what (`council.plan`), nor of answers.
"""

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reviewbot.change import Change, Diff, Excerpt, File, Gap
from reviewbot.council.layout import Around, excerpt_bytes, heading_of, outline_of, show_change
from reviewbot.council.model import Call, Invited
from reviewbot.council.pack import Room, by_stakes, diff_bytes, halved, pack, room_of
from reviewbot.settings import Effort

OUTLINE_SHARE = 0.1
"""Of a prompt, for the names of all files and what they define, in each of several parts."""
CONTEXT_SHARE = 0.25
"""Of a prompt at most, for code around the change."""
NO_ROOM = "is not shown: the rules and what the author says fill the prompt; a model with a larger window is needed"


class Part(NamedTuple):
    """One prompt's worth of the change."""

    number: int
    """From 0."""
    of: int
    """All parts of the change, those that nobody is asked about among them."""
    shown: str
    """The fenced text: the same bytes for every lens of a member."""
    diff: Diff
    """The hunks in it."""
    answer_tokens: int
    """Room for the answer in the same window, thinking included."""


class _Frame(NamedTuple):
    """What all parts of one packing share."""

    of: int
    outline: str
    context: int
    """Bytes for code around the change."""
    answer_tokens: int
    left_out: tuple[str, ...]
    """Files that stand in no part, in the words of a prompt."""
    piece: bool = False


class Packing(NamedTuple):
    """The change in parts, and what of it stands in none."""

    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What every seat of one run is asked about."""

    change: Change
    """As members that read the diff itself see it; models see what `parts` show."""
    rules: str
    schema: dict[str, Any]
    key: str
    """Fences the change; nobody can guess it (THREATS S04)."""
    max_output_tokens: int
    seconds: float
    """For the whole council."""
    call_seconds: float = 600.0
    """For one call."""
    max_prompt_tokens: int = 100_000
    left_out: tuple[str, ...] = ()
    """Names of changed files that nobody is shown."""
    held_back: tuple[Gap, ...] = ()
    """Files that no model is shown, though they are under review: such as one that holds a private key."""
    most_parts: int | None = None
    """Prompts that are asked about; None is as many as the change needs."""
    _packings: dict[Room, Packing] = field(default_factory=dict, repr=False, compare=False)

    def parts(self, invited: Invited) -> tuple[Part, ...]:
        """The change as this member is shown it, what matters most first. Who reads no prompts gets it whole."""
        if not invited.reads_prompts:
            return (Part(0, 1, "", self.change.diff, self.max_output_tokens),)
        return self._packing(invited).parts

    def not_shown(self, invited: Invited) -> tuple[Gap, ...]:
        """What of the change stands in none of its parts."""
        return (*self.held_back, *self._packing(invited).gaps) if invited.reads_prompts else ()

    def smaller(self, part: Part) -> Packing:
        """The same in two or three smaller parts, for a server that found it too long, and what fits in none."""
        diffs, gaps = halved(part.diff)
        outline = outline_of(self._visible(), len(part.shown) // 10)
        frame = _Frame(part.of, outline, 0, part.answer_tokens, self.left_out, piece=True)
        return Packing(tuple(self._part(part.number, diff, frame) for diff in diffs), gaps)

    def _packing(self, invited: Invited) -> Packing:
        answer = min(self.max_output_tokens, invited.most_output or self.max_output_tokens)
        room = room_of(invited.window, prompt_tokens=self.max_prompt_tokens, answer_tokens=answer)
        if room not in self._packings:
            self._packings[room] = self._pack(room)
        return self._packings[room]

    def _pack(self, room: Room) -> Packing:
        diff = by_stakes(Diff.model_construct(files=self._visible()), self.change.policy.tiers.paths)
        free = max(0, room.prompt_bytes - len(f"{self.rules}{self.change.intent}".encode("utf-8", "replace")))
        if not free:
            sizes = ((file.path, file.additions + file.deletions) for file in diff.files)
            return Packing((), tuple(Gap(path=path, lines=lines, why=NO_ROOM) for path, lines in sizes))
        around = min(sum(map(excerpt_bytes, self.change.context)), int(CONTEXT_SHARE * free))
        in_one = diff_bytes(diff) <= free - around
        outline = "" if in_one else outline_of(diff.files, int(OUTLINE_SHARE * free))
        diffs, gaps = pack(diff, free - around - len(outline.encode("utf-8", "replace")))
        kept = diffs[: self.most_parts]
        beyond = _beyond(diffs[len(kept) :], len(kept))
        shown = {file.path for one in kept for file in one.files}
        unseen = tuple(gap.path for gap in beyond if gap.path not in shown)
        frame = _Frame(len(diffs), outline, around, room.answer_tokens, (*self.left_out, *unseen))
        parts = tuple(self._part(number, one, frame) for number, one in enumerate(kept))
        return Packing(parts, (*gaps, *beyond))

    def _visible(self) -> tuple[File, ...]:
        """Files that models may be shown."""
        hidden = {gap.path for gap in self.held_back}
        return tuple(file for file in self.change.diff.files if file.path not in hidden)

    def _part(self, number: int, diff: Diff, frame: _Frame) -> Part:
        around = Around(
            left_out=(*frame.left_out, *(gap.path for gap in self.held_back)),
            heading=heading_of(number, frame.of, frame.outline, piece=frame.piece) if frame.outline else "",
            context=tuple(_useful(self.change.context, diff, frame.context)),
        )
        return Part(number, frame.of, show_change(self.change, diff, around, key=self.key), diff, frame.answer_tokens)


def _beyond(diffs: Iterable[Diff], asked: int) -> tuple[Gap, ...]:
    """What stands in parts that nobody is asked about, file by file."""
    lost = dict[str, int]()
    for diff in diffs:
        for file in diff.files:
            lost[file.path] = lost.get(file.path, 0) + file.additions + file.deletions
    why = "does not fit into the " + ("1 prompt that is asked" if asked == 1 else f"{asked} prompts that are asked")
    return tuple(Gap(path=path, lines=lines, why=why) for path, lines in lost.items())


def _useful(excerpts: Iterable[Excerpt], diff: Diff, room: int) -> Iterable[Excerpt]:
    """The code around the change that is about what this part shows, the most useful first, while it has room."""
    places = {file.path for file in diff.files} | {posixpath.dirname(file.path) or "." for file in diff.files}
    text = "\n".join(raw for file in diff.files for hunk in file.hunks for raw in hunk.body) if room else ""
    for excerpt in excerpts if room else ():
        about_it = excerpt.path in places or (excerpt.about and excerpt.about in text)
        if about_it and (taken := excerpt_bytes(excerpt)) <= room:
            room -= taken
            yield excerpt


def call_of(  # noqa: PLR0913  one name for each thing that may differ between two calls
    brief: Brief,
    part: Part,
    *,
    question: str,
    lens: str,
    effort: Effort | None,
    cache: bool,
    seconds: float,
    started: Callable[[], None] = lambda: None,
) -> Call:
    """One question about one part. The prefix is the same bytes whatever is asked: rules, schema, what is shown."""
    return Call(
        rules=brief.rules,
        shown=part.shown,
        question=question,
        lens=lens,
        schema=brief.schema,
        max_output_tokens=part.answer_tokens,
        seconds=seconds,
        cache=cache,
        started=started,
        change=brief.change,
        effort=effort,
    )
