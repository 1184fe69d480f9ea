"""What the author says the change is for: the messages of its commits, or of its pull request. Never who says so.

A name or an approval in it would sway whoever reads the change (THREATS S15).
"""

import re
import string

from reviewbot.sources.git import Git

MAX_INTENT_CHARACTERS = 4_000
_MAX_COMMITS = "200"
_PEOPLE = re.compile(
    r"^\s*(?:[a-z-]+-by|(?:signed[ -]off|co-?authored|approved|reviewed|acked|tested|reported) by|cc|from|author)\s*:"
    r"|^\s*[\w-]+\s*:.*<[^<>\s]+@[^<>\s]+>\s*$",
    re.IGNORECASE,
)
"""Trailers that name people or their approval (git-interpret-trailers)."""
_WORD = string.ascii_letters + string.digits + string.punctuation


def intent_of(git: Git, base: str | None, head: str | None) -> str:
    """Subjects and bodies of the commits from base to head, oldest first, cut at `MAX_INTENT_CHARACTERS`.

    Of a longer history the newest 200 commits speak; merges say nothing of the change itself.
    """
    if base is None or head is None or base == head:
        return ""
    printed = git.read(
        "rev-list",
        "--no-merges",
        "--reverse",
        f"--max-count={_MAX_COMMITS}",
        "--encoding=UTF-8",
        "--no-commit-header",
        "--format=tformat:%B%x00",
        f"{base}..{head}",
    )
    return stated(*printed.decode("utf-8", "replace").split("\0"))


def stated(*messages: str) -> str:
    """These messages as one text without the lines that name people, cut at `MAX_INTENT_CHARACTERS`."""
    return _cut("\n\n".join(filter(None, map(_without_people, messages))))


def _cut(text: str) -> str:
    """A word that the cut would halve goes whole: secrets are looked for later, and half a key is not found."""
    kept, rest = text[:MAX_INTENT_CHARACTERS], text[MAX_INTENT_CHARACTERS:]
    return kept if not rest or rest[0].isspace() else kept.rstrip(_WORD)


def _without_people(message: str) -> str:
    return "\n".join(line.rstrip() for line in message.strip().split("\n") if not _PEOPLE.search(line)).strip()
