"""What a reply of GitHub means for the request it answers: done, wait and ask again, or never.

Pure: it is told the time and waits for nothing. The rules, in the order they are tried:

    limit     403, 429 and 422 that name a limit: nothing was done; read or write, it may be sent again (THREATS G09)
    no diff   406, or an error that says so: TooLarge (G20)
    unclear   no reply, 408, 5xx: a read is asked again; a write may have been done and is Doubtful (G10, G11)
    lag       404 to a read, where an event has just told of what is not there yet (G06)
    refused   everything else: trying again does not help (G33)
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from reviewbot.errors import Doubtful, ForgeError, Limited, TooLarge, Unreachable
from reviewbot.forge.refusals import refusal
from reviewbot.forge.replies import Complaint, complaint

BACKOFF: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before a read is asked again."""
SECONDARY: Final = 60.0
"""Seconds GitHub wants at least, where it does not say how long ("best practices", secondary limits)."""
LONGEST_DOUBLING: Final = 900.0
PATIENCE: Final = 120.0
"""Seconds one run waits for GitHub, all its waits together."""

Rates = tuple[tuple[int, float], ...]
WRITES: Final[Rates] = ((1, 1.0), (60, 60.0), (400, 3600.0))
"""At most so many writes in so many seconds; GitHub stops at 80 a minute and 500 an hour (THREATS G08)."""
READS: Final[Rates] = ((600, 60.0),)


class Ask(NamedTuple):
    """A request, as far as its answer is judged by it."""

    name: str
    """Method and URL, for the person who reads an error."""
    write: bool
    lagging: bool = False
    """An event has told of this, so that a 404 may only be early."""


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Silence(NamedTuple):
    """The connection gave no reply."""

    why: str
    sent: bool
    """False only where it is certain that the request never left."""


class Again(NamedTuple):
    """Nothing was done, or nothing that matters: the same request may be sent after `seconds`."""

    seconds: float
    otherwise: ForgeError
    """What to raise where nobody has the patience."""
    limited: bool = False


def judge(answer: Reply | Silence, ask: Ask, past: Sequence[Again], now: float) -> Again | ForgeError | None:
    """What to make of an answer; None is a success. `past` is what this request was told before, `now` the epoch."""
    if isinstance(answer, Silence):
        return _again(ask, past, answer.why) if not (ask.write and answer.sent) else _doubtful(ask, answer.why)
    if answer.status < 300:
        return None
    said = complaint(answer.body)
    shown = f"{answer.status}{f' ({said.text})' if said.text else ''}"
    if _is_limit(answer, said):
        seconds = _limit_seconds(answer, said, sum(again.limited for again in past), now)
        return Again(seconds, _limited(ask, shown, seconds), limited=True)
    if _is_no_diff(answer, said):
        return TooLarge("GitHub", f"gives no diff for {ask.name}: {shown}", "read the files one by one, or with git")
    if answer.status >= 500 or answer.status == 408:
        return _doubtful(ask, shown) if ask.write else _again(ask, past, shown, _stated(answer, now))
    refused = refusal(answer.status, said, ask.name)
    early = answer.status == 404 and ask.lagging and not ask.write and len(past) < len(BACKOFF)
    return Again(BACKOFF[len(past)], refused) if early else refused


def pause_before(times: Sequence[float], rates: Rates, now: float) -> float:
    """Seconds to wait so that one more request keeps the rates. `times` is when earlier ones were sent, in order."""
    return max([0.0, *(times[-count] + span - now for count, span in rates if len(times) >= count)])


def _again(ask: Ask, past: Sequence[Again], what: str, stated: float = 0.0) -> Again | ForgeError:
    otherwise = Unreachable("GitHub", f"{ask.name}: {what}", "try again later; nothing was changed")
    tried = sum(not again.limited for again in past)
    return Again(max(BACKOFF[tried], stated), otherwise) if tried < len(BACKOFF) else otherwise


def _doubtful(ask: Ask, what: str) -> Doubtful:
    return Doubtful("GitHub", f"{ask.name}: {what}", "it may have been done: look before it is sent again")


def _limited(ask: Ask, shown: str, seconds: float) -> Limited:
    return Limited("GitHub", f"{ask.name}: {shown}, a rate limit", f"try again in {round(seconds)} s")


def _is_limit(reply: Reply, said: Complaint) -> bool:
    """The six forms of G09, by status, headers and words. A 403 with none of these is a lack of permission."""
    if reply.status == 429:
        return True
    if reply.status == 422:
        return "abuse" in said.codes or "submitted too quickly" in said.words
    if reply.status != 403:
        return False
    stated = "retry-after" in reply.headers or reply.headers.get("x-ratelimit-remaining") == "0"
    return stated or "rate limit" in said.words or "abuse detection" in said.words


def _limit_seconds(reply: Reply, said: Complaint, before: int, now: float) -> float:
    """The longest of what GitHub states and what it wants where it states nothing, doubled each time it says so again.

    A primary limit ends at its reset: a minute is added to it only where the answer is of the secondary kind too.
    """
    stated = _stated(reply, now)
    if reply.headers.get("x-ratelimit-remaining") == "0":
        reset = reply.headers.get("x-ratelimit-reset", "")
        stated = max(stated, float(reset) - now + 1 if re.fullmatch(r"[0-9]{1,12}", reset) else 0.0)
    if stated > 0 and not before and "secondary" not in said.words:
        return stated
    return max(stated, min(SECONDARY * 2.0**before, LONGEST_DOUBLING))


def _stated(reply: Reply, now: float) -> float:
    """Retry-After: seconds or a date (RFC 9110 10.2.3). 0 where there is none that can be read."""
    text = reply.headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,6}", text):
        return float(text)
    try:
        date: datetime = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year that no date has
        return 0.0
    return max(0.0, date.timestamp() - now)


def _is_no_diff(reply: Reply, said: Complaint) -> bool:
    """406 beyond 300 files or 20,000 lines; 422, 500 or 503 where making the diff took GitHub too long."""
    slow = "not_available" in said.codes or "diff is taking too long" in said.words
    return reply.status == 406 or (reply.status >= 400 and slow)
