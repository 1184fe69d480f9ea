"""The one summary comment: made once, edited in place, never two (THREATS G11, S20).

Knows how to find and to write it, not what it says.
"""

from collections.abc import Callable
from typing import NamedTuple

from reviewbot.errors import Doubtful, Refused
from reviewbot.forge.earlier import Summary, summaries
from reviewbot.forge.marks import MAX_BODY, SummaryMark
from reviewbot.forge.model import Conversation, Posted
from reviewbot.forge.posting import Desk

TRIES = 3


class Written(NamedTuple):
    """Where the summary is. `url` is None when the pull request moved on before it was written."""

    url: str | None
    changed: bool
    """False where it said the same before, so that nothing was sent."""


def write_summary(desk: Desk, conversation: Conversation, mark: SummaryMark, render: Callable[[int], str]) -> Written:
    """Bring our summary comment up to date, or make it; `render` gives a text of at most so many characters.

    One that a person edited is theirs: it is left alone, and another is made. Raises what the forge raises; Doubtful
    only where the summary is not there.
    """
    limit, tries = MAX_BODY, TRIES
    while True:
        tries -= 1
        body = desk.signer.sign_within(mark, render, limit)
        current = _current(conversation, desk)
        if current and _says(current, body, desk):
            return Written(current.remark.url, changed=False)
        if desk.has_moved():
            return Written(None, changed=False)
        try:
            return Written(_put(desk, current, body).url, changed=True)
        except Refused as refusal:
            if refusal.reason != "too_long" or not tries:
                raise
            limit //= 2
        except Doubtful:
            conversation = desk.read_settled()
            there = _current(conversation, desk)
            if there and _says(there, body, desk):
                return Written(there.remark.url, changed=True)
            if not tries:
                raise


def _current(conversation: Conversation, desk: Desk) -> Summary | None:
    """The newest that nobody else has written in."""
    return next((one for one in reversed(summaries(conversation, desk.signer)) if not one.signed.edited), None)


def _says(summary: Summary, body: str, desk: Desk) -> bool:
    return summary.signed == desk.signer.read(body)


def _put(desk: Desk, current: Summary | None, body: str) -> Posted:
    if current is None:
        return desk.forge.post_comment(desk.pull.address.number, body)
    return desk.forge.edit_comment(current.remark.id, body)
