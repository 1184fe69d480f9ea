"""The part of a change that a council reads, its secrets redacted, and what it does not read. Pure.

Knows the limits of a run and of one prompt; nothing of lenses, members or answers.
"""

from typing import NamedTuple

from reviewbot.change import Change, Gap
from reviewbot.change.redact import printable, redact
from reviewbot.council.budget import BYTES_PER_TOKEN
from reviewbot.council.plan import changed_lines, fit, prompt_bytes, skip_binary, skip_ignored
from reviewbot.council.prompt import show_change
from reviewbot.settings import Operator


class Reading(NamedTuple):
    """What one run reads of a change."""

    change: Change
    question: str
    """What a person asks of it, redacted like the rest; empty in a review."""
    gaps: tuple[Gap, ...]
    """All that is left out, each with its reason."""
    unread: tuple[Gap, ...]
    """Of these, what keeps the reading from being whole: beside text that is read, an image is no gap."""


def read_change(change: Change, settings: Operator, question: str = "") -> Reading:
    """Leave out what the policy skips, what git shows no text of, and what is beyond the limits of a run."""
    diff, ignored = skip_ignored(printable(change.diff), change.policy.ignore)
    diff, binary = skip_binary(diff)
    limit = settings.max_changed_lines
    diff, beyond = fit(diff, limit, size=changed_lines, why=f"beyond the {limit:,} changed lines one run reads")
    redacted = redact(diff, f"{question}\n{change.intent}")
    prose, ends = redacted.prose.split("\n"), question.count("\n") + 1  # redaction keeps the lines
    words = change.description.encode("utf-8", "backslashreplace").decode()
    left_out = (*change.unread, *beyond, *redacted.cut)
    return Reading(
        change=change.model_copy(
            update={"diff": redacted.diff, "intent": "\n".join(prose[ends:]), "description": words}
        ),
        question="\n".join(prose[:ends]),
        gaps=(*ignored, *binary, *left_out),
        unread=left_out if diff.files else (*binary, *left_out),
    )


def show_reading(reading: Reading, settings: Operator, orders: str, key: str) -> tuple[str, tuple[Gap, ...]]:
    """The change as text for one prompt behind `orders`, and what did not fit into it. `key` fences it."""
    change = reading.change
    around = len(f"{orders}{reading.question}\n{change.intent}".encode("utf-8", "replace"))
    room = max(0, settings.max_prompt_tokens * BYTES_PER_TOKEN - around)
    shown, not_shown = fit(change.diff, room, size=prompt_bytes, why="does not fit in one prompt")
    left_out = sorted({gap.path for gap in (*reading.gaps, *not_shown)})
    return show_change(change, shown, left_out=left_out, key=key), not_shown
