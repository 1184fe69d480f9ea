"""What our posts remember: a signed note in each body, which GitHub shows nobody.

A mark says that reviewbot wrote a text, for which pull request, and what it was about. Anybody can copy one, so it
counts only in a post that GitHub says is ours (`Remark.ours`), and a mark of another pull request is none (THREATS
S19, S20). Knows how a mark is written and read, and what it leaves out where room is short; nothing of conversations
or of how to post.
"""

import base64
import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from reviewbot.change import File, Side
from reviewbot.council.budget import NOTHING_HELD, Hold
from reviewbot.facts import Fact
from reviewbot.findings.quotes import SUBSTANTIAL, fold
from reviewbot.forge.model import Pull
from reviewbot.report import ReportFinding

VERSION = "1"
MAX_BODY = 60_000
"""Characters of a body with its mark; GitHub refuses more than 65,536 (THREATS G19)."""
MAX_PAYLOAD = 30_000
"""Characters a mark may take of a body; of a summary's carried findings, what would need more is left out."""
MIN_TEXT = 25_000
"""Characters of a body that a mark leaves to its text, if need be by leaving out more."""
MAX_CARRIED = 300
"""Characters that are kept of each long text of a carried finding where all of it would not fit."""
CUT = "... (cut)"
"""Ends a text that was cut to fit a mark."""
MAX_VOICES = 24
"""Of those who raised a finding, so many are remembered: three families through eight lenses."""
_MAX_JSON = 1_000_000
"""Bytes a payload may unpack to: no more is signed, and a compressed bomb stops here."""
_MAX_FOREIGN = 20_000
"""The same of a payload that no key of ours signed, and far more than the mark of a finding has."""
_ANY = "<!-- reviewbot"
_OPEN = f"{_ANY}:{VERSION} "
_REST = re.compile(r"([A-Za-z0-9_-]{1,60000}) ([A-Za-z0-9_-]{43}) -->")


class FindingMark(Fact):
    """On an inline comment: the finding it is about, well enough to know it again when its id has changed."""

    kind: Literal["finding"] = "finding"
    id: str
    path: str
    side: Side
    category: str
    lens: str
    lines: tuple[str, ...]
    """`line_digests` of the code it quotes."""
    quote: str = ""
    """`quote_digest` of the same code; empty where nothing is known of it, as in marks made before there was one."""
    head: str
    """The commit it was posted for. GitHub's own `commit_id` is moved by a force-push (THREATS G16)."""
    title: str
    voices: tuple[tuple[str, str], ...] = ()
    """`voices_of` the finding; empty in marks made before there were any."""
    changes: str = ""
    """`changes_digest` of its file at `head`; empty in marks made before there was one."""
    touched: tuple[str, ...] = ()
    """Of `lines`, those that the change had added or taken away at `head`; empty in marks made before this was kept."""


class ReviewMark(Fact):
    """On the body of a review: which review it is, so that a doubtful post can be looked for."""

    kind: Literal["review"] = "review"
    key: str
    head: str
    part: str
    """Digest of the findings in it: one run may need more than one post."""


class SummaryMark(Fact):
    """On the summary comment: what was reviewed last, and what the next run needs of it."""

    kind: Literal["summary"] = "summary"
    key: str
    head: str
    base: str
    """The merge base the diff began at."""
    setup: str
    """Digest of everything else that decides what a review says: policy, prompts, members, version."""
    complete: bool
    """The review was whole: every seat that was to be asked answered in full."""
    dismissed: tuple[str, ...] = ()
    """Ids of findings a person does not want to hear of again."""
    resolved: int = 0
    """Threads that this review closed."""
    carried: tuple[ReportFinding, ...] = ()
    """What the review found. Where it has no room as it is, voices are missing and long texts are cut, as CUT tells."""
    carries: bool = True
    """False where `carried` had to be dropped for its size: the next run reads everything."""
    unread: tuple[str, ...] = ()
    """Paths that the review did not cover, or not in full: they are read again. Dropped only after `carried`."""
    spent: Hold = NOTHING_HELD
    """What all reviews of the pull request have cost, this one among them. Marks made before there was one say 0."""


class ReplyMark(Fact):
    """On our answer to a command: the comment it answers, so that a command is carried out once."""

    kind: Literal["reply"] = "reply"
    comment_id: int
    spent: Hold = NOTHING_HELD
    """What the answer cost; a review that was asked for stands in the summary's."""


Mark = FindingMark | ReviewMark | SummaryMark | ReplyMark


class _Payload(Fact):
    text: str
    """Digest of the visible text when it was signed."""
    mark: Annotated[Mark, Field(discriminator="kind")]


class Signed(NamedTuple):
    """A body of ours as it was read back."""

    mark: Mark
    text: str
    """What people see, without the blanks at line ends and around it, which GitHub does not always keep."""
    edited: bool
    """Somebody changed the text after we wrote it."""
    verified: bool
    """A key of ours signed it. One that is not may have been: its key is gone. It proves nothing (THREATS S20)."""


class Signer(NamedTuple):
    """Signs and recognises the marks of one pull request."""

    keys: tuple[bytes, ...]
    """The first one signs, each of them is accepted: so a key can be replaced without forgetting what was posted."""
    scope: str
    """`scope_of` the pull request."""

    def sign(self, mark: Mark, text: str) -> str:
        """The body to post: the text, and the mark behind it.

        A summary whose mark would take more than MAX_PAYLOAD characters carries its findings in short, or not at all.
        """
        return self._signed(_fitted(mark, MAX_PAYLOAD), text)

    def sign_within(self, mark: Mark, render: Callable[[int], str], limit: int = MAX_BODY) -> str:
        """As `sign`, of what `render` writes in the room that the mark leaves it: MIN_TEXT at least, if it can."""
        slack = 100  # how far a mark packs depends a little on the text's digest
        fitted = _fitted(mark, min(MAX_PAYLOAD, limit - MIN_TEXT - 2 * slack))
        return self._signed(fitted, render(limit - len(self._signed(fitted, "")) - slack))

    def read(self, body: str) -> Signed | None:
        """The mark of a body; None where there is none, more than one, or one that none of our keys signed.

        Only a finding's is read all the same, unverified, so that nothing is said twice after a change of keys. What
        somebody wrote behind the mark is text.
        """
        before, opener, rest = body.partition(_OPEN)
        found = _REST.match(rest)
        if not opener or not found or _ANY in before or _ANY in rest:
            return None
        payload, mac = found.groups()
        verified = any(hmac.compare_digest(self._mac(key, payload), mac) for key in self.keys)
        content = _unpack(payload, _MAX_JSON if verified else _MAX_FOREIGN)
        if content is None or not (verified or isinstance(content.mark, FindingMark)):
            return None
        behind = rest[found.end() :]
        shown = _plain(before + behind)
        edited = bool(behind.strip()) or content.text != digest(shown)
        return Signed(content.mark, shown, edited=edited, verified=verified)

    def _signed(self, mark: Mark, text: str) -> str:
        shown = text.rstrip().replace(_ANY, "<! -- reviewbot")  # a body with two marks would be nobody's
        payload = _packed(_spelled(mark, shown))
        return f"{shown}\n\n{_OPEN}{payload} {self._mac(self.keys[0], payload)} -->"

    def _mac(self, key: bytes, payload: str) -> str:
        message = f"reviewbot:{VERSION}\n{self.scope}\n{payload}"
        return _base64(hmac.digest(key, message.encode(), "sha256"))


def scope_of(pull: Pull) -> str:
    """What marks are signed for: ids, since a repository can be renamed (THREATS G36)."""
    return f"{pull.repository_id}#{pull.address.number}"


def review_key(pull: Pull, *, base: str, setup: str) -> str:
    """The name of one review: one for each pull request, merge base, head and setup (DESIGN 1.8, THREATS G37)."""
    return digest(str(pull.repository_id), str(pull.address.number), base, pull.head_sha, setup)


def digest(*parts: str) -> str:
    """24 hexadecimal digits; each part has its length in front, so that no two lists of parts are spelled alike."""
    spelled = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(spelled.encode(errors="surrogatepass")).hexdigest()[:24]


def line_digests(lines: Iterable[str]) -> tuple[str, ...]:
    """Eight hexadecimal digits for each line that says something, each once, in order; whitespace does not count.

    Lines as short as `});` stand everywhere, and a line that was redacted, was cut or was no UTF-8 is not the one in
    the diff: they are left out. Of a long line its beginning counts, since the end of a very long one is never read.
    """
    telling = (line for line in lines if not ("<SECRET:" in line or "\ufffd" in line or line.endswith(CUT)))
    folded = (fold(line)[:1_000] for line in telling)
    return tuple(dict.fromkeys(digest(line)[:8] for line in folded if len(line) >= SUBSTANTIAL))


def quote_digest(quote: str) -> str:
    """Twelve hexadecimal digits for a whole quote, of short lines too; whitespace does not count.

    Empty for a quote that says nothing, and for one that was cut.
    """
    folded = "" if quote.endswith(CUT) else fold(quote)
    return digest(folded)[:12] if folded else ""


def changed_lines(file: File, side: Side) -> frozenset[str]:
    """`line_digests` of the lines that the change adds, or on the old side takes away."""
    kind = "+" if side == "new" else "-"
    return frozenset(line_digests(raw[1:] for hunk in file.hunks for raw in hunk.body if raw[0] == kind))


def changes_digest(file: File) -> str:
    """Twelve hexadecimal digits for what a file's diff adds and takes away; neither whitespace nor place counts."""
    raws = (raw for hunk in file.hunks for raw in hunk.body if raw[0] in "+-")
    return digest(*(f"{raw[0]}{fold(raw[1:])}" for raw in raws))[:12]


def voices_of(finding: ReportFinding) -> tuple[tuple[str, str], ...]:
    """Member and lens of those who raised it, each once, the first MAX_VOICES."""
    return tuple(dict.fromkeys((voice.member, voice.lens) for voice in finding.voices))[:MAX_VOICES]


def _fitted(mark: Mark, room: int) -> Mark:
    """The fullest form of the mark that packs into so many characters and can be unpacked again, else the least."""
    if not isinstance(mark, SummaryMark):
        return mark
    forms = tuple(_forms(mark))
    return next((form for form in forms if _fits(form, room)), forms[-1])


def _forms(mark: SummaryMark) -> Iterator[SummaryMark]:
    """The mark with less and less of what is only useful to the next run."""
    yield mark
    fewer = tuple(finding.model_copy(update={"voices": finding.voices[:1]}) for finding in mark.carried)
    yield mark.model_copy(update={"carried": fewer})
    yield mark.model_copy(update={"carried": tuple(map(_in_short, mark.carried))})
    empty = mark.model_copy(update={"carried": (), "carries": False})
    yield empty
    yield empty.model_copy(update={"unread": ()})


def _in_short(finding: ReportFinding) -> ReportFinding:
    fix = None if finding.fix is None else _cut(finding.fix)
    texts = {"body": _cut(finding.body), "fix": fix, "quote": _cut(finding.quote)}
    return finding.model_copy(update={**texts, "voices": ()})


def _cut(text: str) -> str:
    """Cut once, it is not cut again by the next run."""
    return text if len(text) <= MAX_CARRIED + len(CUT) + 1 else f"{text[:MAX_CARRIED].rstrip()} {CUT}"


def _fits(mark: Mark, room: int) -> bool:
    content = _spelled(mark, "")
    return len(content) < _MAX_JSON and len(_packed(content)) <= room


def _spelled(mark: Mark, text: str) -> bytes:
    return _Payload(text=digest(_plain(text)), mark=mark).model_dump_json().encode()


def _packed(content: bytes) -> str:
    return _base64(zlib.compress(content, 9))


def _unpack(payload: str, limit: int) -> _Payload | None:
    """None where it is not ours after all: damaged, of another version, or of more than `limit` bytes."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), limit)
        return _Payload.model_validate_json(content) if unpacking.eof else None
    except (ValueError, zlib.error):
        return None


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
