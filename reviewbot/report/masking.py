"""Secrets kept out of what is posted, whoever wrote it (THREATS S25, the way out).

The models never saw the secrets of the diff. What they answer is searched all the same: a value may stand where
`change.redact` did not know it as one, and a model may repeat what it read elsewhere.
"""

import re

from reviewbot.change import Diff
from reviewbot.change.redact import redact

_NOTHING = Diff(files=())
_NUMBERED = re.compile(r"<SECRET:([a-z-]{1,20}):\d{1,9}>")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LONG_ENOUGH = re.compile(r"[^\n]{8}")
"""No secret stands in a shorter line."""
MAX_TEXT = 100_000
"""Characters of one text, more than any page takes. What is beyond is not searched, so not shown (THREATS S28)."""


def masked(text: str) -> str:
    """The text with `<SECRET:kind>` for each value and half a character as U+FFFD. What was too long ends in a note.

    The numbers that `change.redact` gives are dropped: those of two texts do not mean the same value.
    """
    whole = text if len(text) <= MAX_TEXT else _cut(text)
    if not _LONG_ENOUGH.search(whole):
        return _SURROGATE.sub("\ufffd", whole)
    return _NUMBERED.sub(r"<SECRET:\1>", redact(_NOTHING, whole).prose)


def _cut(text: str) -> str:
    """Its beginning. The word that the cut would halve goes whole: half a key leaks."""
    kept = "".join(text[:MAX_TEXT].rsplit(maxsplit=1)[:1])
    return f"{kept} <CUT: {len(text) - len(kept):,} characters>"
