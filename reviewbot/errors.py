"""Every failure a person can meet, and how the process ends.

    ReviewbotError                 an explained failure: one line on stderr, exit 2
    ├── BadInput                   what was named cannot be reviewed
    │   ├── BadDiff                the bytes are not a diff we can trust to the last line
    │   ├── BadRange               git cannot make the change that was asked for
    │   ├── BadRecord              a run record that cannot be replayed
    │   └── BadSuite               a row of a suite, or of an evaluation's file, that does not hold
    ├── BadSettings                a flag, variable or operator file says something impossible
    │   ├── BadPolicy              .reviewbot.yml at the base commit (or --policy) is wrong
    │   └── BadPrompt              a lens or the shared page is missing or malformed
    ├── NoCouncil                  nobody could be asked, or nobody answered
    └── ForgeError                 GitHub refused, or could not be asked
        ├── NoAccess               it is not there, or the token may not: trying again does not help
        ├── TooLarge               it gives no diff of this size
        ├── Refused                it read what was sent and will not have it; nothing was made
        ├── Limited                it asks us to wait longer than we may
        ├── Unreachable            a read had no answer; nothing was changed
        └── Doubtful               a write had no clear answer: it may have been done

Each carries *who* met it, *what* is wrong and the *remedy*: three facts, written by `str()` as one line. A failed model
call is not here: it is the state of a seat (`council.Review.state`), because the other seats go on.
"""

from enum import IntEnum


class Exit(IntEnum):
    """How `reviewbot` ends, for shells and hooks."""

    REVIEWED = 0
    FINDINGS = 1
    """Findings at or above `--fail-on`."""
    EXPLAINED = 2
    """A `ReviewbotError`: bad input, no usable member, no seat answered."""
    BUG = 3
    INTERRUPTED = 130


class ReviewbotError(Exception):
    """Something a person can mend. `str(error)` is one line: who: what; remedy."""

    def __init__(self, who: str, what: str, remedy: str) -> None:
        super().__init__(who, what, remedy)
        self.who, self.what, self.remedy = who, what, remedy

    def __str__(self) -> str:
        return f"{self.who}: {self.what}; {self.remedy}"


class BadInput(ReviewbotError):
    """What was named cannot be reviewed."""


class BadDiff(BadInput):
    """The bytes are not a diff, or not one whose every line can be placed."""


class BadRange(BadInput):
    """There is no repository, no such revision, or no merge base."""


class BadRecord(BadInput):
    """A run record is not one of ours, or of another version."""


class BadSuite(BadInput):
    """A row of a suite or of recorded findings does not hold. `who` is the file and the row's number, from 1."""


class BadSettings(ReviewbotError):
    """A flag, an environment variable or the operator's file says something impossible."""


class BadPolicy(BadSettings):
    """The repository's policy does not hold: an unknown key, a wrong value, not YAML."""


class BadPrompt(BadSettings):
    """A prompt page is missing or malformed."""


class NoCouncil(ReviewbotError):
    """No member could be seated, or none of the seats answered."""


class ForgeError(ReviewbotError):
    """GitHub refused, or could not be asked."""


class NoAccess(ForgeError):
    """401, 403, 404, 410, 423, 451: not there, locked, or beyond the token's permissions (THREATS G33)."""


class TooLarge(ForgeError):
    """406 `too_large`: more than 300 files or 20,000 lines have no diff (THREATS G20)."""


class Refused(ForgeError):
    """422: GitHub read what was sent and will not have it. Nothing was made (THREATS G12, G15, G18, G19)."""

    def __init__(self, who: str, what: str, remedy: str, *, reason: str) -> None:
        super().__init__(who, what, remedy)
        self.reason = reason
        """One of "anchor", "stale_commit", "pending_review", "too_long", "other"."""


class Limited(ForgeError):
    """A rate limit that outlasts our patience (THREATS G08, G09)."""


class Unreachable(ForgeError):
    """No answer to a read, after all tries. Nothing was changed."""


class Doubtful(ForgeError):
    """A write that may have been done: 5xx, a dropped connection, 408 (THREATS G11). Look before trying again."""
