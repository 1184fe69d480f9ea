"""What our posts remember: a signed note at the end of each body, which GitHub shows nobody.

A mark says that reviewbot wrote a text, for which pull request, and what it was about. Anybody can copy one, so it
counts only in a post that GitHub says is ours (`Remark.ours`), and a mark of another pull request is none (THREATS
S19, S20). Knows how a mark is written and read; nothing of conversations or of how to post.
"""

import base64
import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterable
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from reviewbot.change import Side
from reviewbot.facts import Fact
from reviewbot.findings.quotes import SUBSTANTIAL, fold
from reviewbot.forge.model import Pull
from reviewbot.report import ReportFinding

VERSION = "1"
MAX_BODY = 60_000
"""Characters of a body with its mark; GitHub refuses more than 65,536 (THREATS G19)."""
MAX_PAYLOAD = 20_000
"""Characters a mark may take of a body; a summary's carried findings that would need more are left out."""
_MAX_JSON = 1_000_000
"""Bytes a payload may unpack to. Nothing of ours comes near; a compressed bomb stops here."""
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
    head: str
    """The commit it was posted for. GitHub's own `commit_id` is moved by a force-push (THREATS G16)."""
    title: str


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
    """The next run may read only what changed since `head`, and take the rest from `carried`."""
    dismissed: tuple[str, ...] = ()
    """Ids of findings a person does not want to hear of again."""
    resolved: int = 0
    """Threads that this review closed."""
    carried: tuple[ReportFinding, ...] = ()


class ReplyMark(Fact):
    """On our answer to a command: the comment it answers, so that a command is carried out once."""

    kind: Literal["reply"] = "reply"
    comment_id: int


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


class Signer(NamedTuple):
    """Signs and recognises the marks of one pull request."""

    keys: tuple[bytes, ...]
    """The first one signs, each of them is accepted: so a key can be replaced without forgetting what was posted."""
    scope: str
    """`scope_of` the pull request."""

    def sign(self, mark: Mark, text: str) -> str:
        """The body to post: the text, and the mark behind it.

        A summary whose mark would take more than MAX_PAYLOAD characters goes without its carried findings, and says
        that it is not complete, so that the next run reads everything again.
        """
        shown = text.rstrip().replace(_ANY, "<! -- reviewbot")  # a body with two marks would be nobody's
        payload = _pack(mark, shown)
        if isinstance(mark, SummaryMark) and len(payload) > MAX_PAYLOAD:
            payload = _pack(mark.model_copy(update={"carried": (), "complete": False}), shown)
        return f"{shown}\n\n{_OPEN}{payload} {self._mac(self.keys[0], payload)} -->"

    def sign_within(self, mark: Mark, render: Callable[[int], str], limit: int = MAX_BODY) -> str:
        """As `sign`, of what `render` writes in the room that the mark leaves it."""
        slack = 100  # how far a mark packs depends a little on the text's digest
        return self.sign(mark, render(limit - len(self.sign(mark, "")) - slack))

    def read(self, body: str) -> Signed | None:
        """The mark at the very end of a body; None where there is none, more than one, or one we did not sign."""
        text, opener, rest = body.rstrip().rpartition(_OPEN)
        found = _REST.fullmatch(rest)
        if not opener or not found or _ANY in text:
            return None
        payload, mac = found.groups()
        if not any(hmac.compare_digest(self._mac(key, payload), mac) for key in self.keys):
            return None
        content = _unpack(payload)
        if content is None:
            return None
        shown = _plain(text)
        return Signed(content.mark, shown, edited=content.text != digest(shown))

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

    Lines as short as `});` stand everywhere, and a line that was redacted or was no UTF-8 is not the one in the diff:
    they are left out. Of a long line its beginning counts, since the end of a very long one is never read.
    """
    telling = (line for line in lines if "<SECRET:" not in line and "\ufffd" not in line)
    folded = (fold(line)[:1_000] for line in telling)
    return tuple(dict.fromkeys(digest(line)[:8] for line in folded if len(line) >= SUBSTANTIAL))


def _pack(mark: Mark, text: str) -> str:
    content = _Payload(text=digest(_plain(text)), mark=mark)
    return _base64(zlib.compress(content.model_dump_json().encode(), 9))


def _unpack(payload: str) -> _Payload | None:
    """None where it is not ours after all: damaged, of another version, or larger than anything we write."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), _MAX_JSON)
        return _Payload.model_validate_json(content) if unpacking.eof else None
    except (ValueError, zlib.error):
        return None


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
