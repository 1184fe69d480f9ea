"""When the beginning of a prompt is worth keeping at the vendor, and whether it was (PROVIDERS 2). Pure.

A mark that nobody reads costs a quarter more than none, and lenses that start before the first answer began pay the
whole prompt again. Knows what a vendor keeps (`Caching`); the fields it is asked with are its module's business.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from reviewbot.council.brief import Brief, Part
from reviewbot.council.model import Invited, Review

SURE: Final = 5
"""Bytes of a prefix to a token at most: so many tokens it has for certain."""
WORTH_WAITING: Final = 10_000
"""Tokens of a prefix from which on a whole answer is waited for, where the vendor's cache can be read only behind it.

Under that the further lenses pay it again, some cents; from there on it is the larger part of what the call costs, and
a person waits one answer longer.
"""


def prefix_tokens(brief: Brief, part: Part) -> int:
    """What a prefix has at least, in front of the question."""
    return len(f"{brief.rules}{part.shown}".encode("utf-8", "replace")) // SURE


def is_kept(brief: Brief, part: Part, invited: Invited, *, questions: int) -> bool:
    """Whether the first of so many questions about a part leaves its prefix for the others, which wait for that."""
    if invited.caching is None or questions < 2:
        return False
    least = invited.caching.least
    return prefix_tokens(brief, part) >= (least if invited.caching.ready == "begun" else max(least, WORTH_WAITING))


def unread(invited: Invited, reviews: Sequence[Review]) -> Iterable[str]:
    """A note where further questions of a member were to read its cache and read nothing. `reviews` are its lenses'.

    Only the first can have written it, and only where it was answered.
    """
    if invited.caching is None or not invited.caching.promised:
        return
    answered = [[made for made in review.calls if made.marked and made.usage.output] for review in reviews]
    written = {made.part for made in chain.from_iterable(answered[:1])}
    further = [made for made in chain.from_iterable(answered[1:]) if made.part in written]
    if further and not any(made.usage.cached for made in further):
        again = sum(made.usage.input + made.usage.cache_written for made in further)
        yield f"{invited.member.name} read nothing from its cache: {again:,} tokens were paid again."
