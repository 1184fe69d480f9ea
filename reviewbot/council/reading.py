"""The part of a change that a council reads, what is at stake in it, and what it does not read. Pure, but for the tree.

Hidden characters are written out and secrets have names before anybody is asked. Knows the limits of a run; nothing of
lenses, members or answers.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from reviewbot.change import Change, Excerpt, Gap, HiddenKind, Stakes
from reviewbot.change.context import PinnedTree, gather
from reviewbot.change.hidden import reveal, reveal_text
from reviewbot.change.redact import Values, holds_private_key, printable, redact, redact_text
from reviewbot.change.tier import weigh
from reviewbot.council.pack import fit
from reviewbot.council.skip import matches, skip_binary, skip_ignored
from reviewbot.errors import ReviewbotError
from reviewbot.settings import Operator

_QUIET: frozenset[HiddenKind] = frozenset({"invisible", "control"})
"""Kinds that are as often an editor's doing or a recorded terminal's: they alone raise no stakes."""


class Reading(NamedTuple):
    """What one run reads of a change."""

    change: Change
    question: str
    """What a person asks of it, redacted like the rest; empty in a review."""
    gaps: tuple[Gap, ...]
    """All that is left out, each with its reason."""
    unread: tuple[Gap, ...]
    """Of these, what keeps the reading from being whole: beside text that is read, an image is no gap."""
    stakes: Stakes
    held_back: tuple[Gap, ...]
    """Files that rules read and models are not shown."""
    values: Values
    """The secrets that have names, for texts that are read later. They are in no fact."""
    named: int
    """How many had a name when the change was read."""

    def cleaned(self, text: str, path: str) -> str:
        """A text from elsewhere in the repository, hidden characters written out, secrets as they are called here."""
        return redact_text(reveal_text(text), path, self.values)


def read_change(change: Change, settings: Operator, question: str = "") -> Reading:
    """Leave out what the policy skips, what git shows no text of, and what is beyond the limits of a run."""
    diff, ignored = skip_ignored(printable(change.diff), change.policy.ignore)
    every, binary = skip_binary(diff)
    limit = settings.max_changed_lines
    why = f"beyond the {limit:,} changed lines one run reads"
    diff, beyond = fit(every, limit, paths=change.policy.tiers.paths, why=why)
    revealed = reveal(diff, f"{question}\n{change.intent}")
    values = Values()
    beside = _beside(change, values)
    redacted = redact(revealed.diff, revealed.prose, values)
    prose, ends = redacted.prose.split("\n"), question.count("\n") + 1  # both keep the lines
    left_out = (*change.unread, *beyond, *redacted.cut)
    return Reading(
        change=change.model_copy(
            update={
                "diff": redacted.diff,
                "intent": "\n".join(prose[ends:]),
                "hidden": revealed.hidden,
            }
            | beside
        ),
        question="\n".join(prose[:ends]),
        gaps=(*ignored, *binary, *left_out),
        unread=left_out if diff.files else (*binary, *left_out),
        stakes=weigh(
            every,
            secrets=redacted.brought,
            hidden=sum(found.kind not in _QUIET for found in revealed.hidden),
            paths=change.policy.tiers.paths,
            override=settings.tier,
        ),
        held_back=redacted.held,
        values=values,
        named=len(values),
    )


def _beside(change: Change, values: Values) -> dict[str, Any]:
    """What is said beside the diff and its intent, redacted: how it is called, and the pages of the repository."""
    pages = {
        name: tuple(page.model_copy(update={"text": redact_text(page.text, page.path, values)}) for page in documents)
        for name, documents in (("invariants", change.invariants), ("lenses", change.lenses))
    }
    described = change.description.encode("utf-8", "backslashreplace").decode()
    return {"description": redact_text(described, "", values), **pages}


class Seen(NamedTuple):
    """The change with code around it."""

    change: Change
    notes: tuple[str, ...] = ()
    """Why there is no such code, where the tree could not be read."""


def look_around(reading: Reading, tree: PinnedTree, *, room_bytes: int) -> Seen:
    """Add code from files that models may be shown. A tree that cannot be read is a note, no failure."""
    held_back, ignored = {gap.path for gap in reading.held_back}, reading.change.policy.ignore

    def left_out(path: str) -> bool:
        return path in held_back or any(matches(path, glob) for glob in ignored)

    try:
        found = gather(reading.change.diff, tree, room_bytes=room_bytes, left_out=left_out, cleaned=reading.cleaned)
    except ReviewbotError as e:
        return Seen(reading.change, (f"No code around the change was shown: {e}.",))
    return Seen(with_context(reading, found))


def with_context(reading: Reading, excerpts: Iterable[Excerpt]) -> Change:
    """The change with code around it: hidden characters written out, secrets under the names they have in the diff.

    A value that only the code around it tells to be a secret goes from the diff too. A private key brings nothing.
    """
    shown = []
    for excerpt in excerpts:
        text = reading.cleaned(excerpt.text, excerpt.path)
        if not holds_private_key(text):
            shown.append(excerpt.model_copy(update={"text": text}))
    change = reading.change.model_copy(update={"context": tuple(shown)})
    if len(reading.values) == reading.named:
        return change
    again = redact(change.diff, change.intent, reading.values)
    return change.model_copy(update={"diff": again.diff, "intent": again.prose})
