"""Who is asked what, and what came back. The port every member speaks is here: `Call` in, `Reply` out."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NamedTuple, Protocol

from pydantic import AfterValidator, SecretStr

from reviewbot.change import Change, Gap
from reviewbot.council.breaker import Breaker
from reviewbot.facts import Fact
from reviewbot.findings import Draft, Unjudged
from reviewbot.findings.model import Verdict
from reviewbot.settings import Effort, Rates, TierName

State = Literal[
    "ok", "partial", "refused", "blocked", "truncated", "invalid", "unavailable", "over_budget", "config_error"
]
"""How a seat ended. Only `ok`, `partial` and `truncated` were asked; the other six looked at nothing.

A cut answer is `truncated` where something of it stands whole, else `invalid`.
"""
ASKED: frozenset[State] = frozenset({"ok", "partial", "truncated"})


class Lens(Fact):
    """One question, as a page of prose. `origin` is "built in" or the page's path at the base commit."""

    name: str
    title: str
    categories: tuple[str, ...]
    text: str
    origin: str = "built in"


class Member(Fact):
    """Somebody who can sit on the council. `name` is PROVIDER/MODEL; a family is the vendor behind it."""

    name: str
    family: str


class Seat(Fact):
    """A member and what it is asked: a lens, `ALL_LENSES` at once, or `CHALLENGE`."""

    member: Member
    lens: str
    covers: tuple[str, ...] = ()
    """The lenses of one call that asks several; empty where `lens` is the one."""

    @property
    def lenses(self) -> tuple[str, ...]:
        """Through which the member looked; nothing for a challenge."""
        return self.covers or (() if self.lens == CHALLENGE else (self.lens,))


ALL_LENSES: Final = "all"
CHALLENGE: Final = "challenge"
"""Names of questions that are no lens; a repository's own lens cannot have them."""


MOST_TOKENS: Final = 10**12
"""A server may say any number (THREATS L20). One beyond this is taken for this, and one below 0 for 0."""
Tokens = Annotated[int, AfterValidator(lambda said: min(max(said, 0), MOST_TOKENS))]


class Usage(Fact):
    """Tokens of one call, counted alike for every vendor (PROVIDERS 2.1).

    `input + cached + cache_written` is the whole prompt; `output` includes `reasoning`.
    """

    input: Tokens = 0
    cached: Tokens = 0
    cache_written: Tokens = 0
    output: Tokens = 0
    reasoning: Tokens = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


Outcome = Literal[
    "ok", "cut", "refused", "blocked", "too_long", "rate", "transient", "auth", "quota", "fatal", "over_budget"
]
"""How one attempt ended, told apart by what is done next: `rate` and `transient` are tried again, `cut` once with a
doubled budget, `too_long` in smaller parts, the rest never."""


class Made(Fact):
    """One attempt that was made, for the record."""

    part: int = 0
    """Which part of the change was shown, from 0."""
    marked: bool = False
    """The beginning of its prompt was marked for the vendor's cache."""
    outcome: Outcome
    usage: Usage = Usage()
    usd: float | None = 0.0
    seconds: float = 0.0
    request_id: str | None = None


MAX_FINDINGS: Final = 200
"""Of one answer: who says more buries what it says, and everybody else's (THREATS S17)."""


class Review(Fact):
    """What one seat came to: drafts or a stated failure, never an empty list for a failure."""

    seat: Seat
    state: State
    detail: str = ""
    """Who, what, remedy where the state is not `ok`."""
    drafts: tuple[Draft, ...] = ()
    through: tuple[str, ...] = ()
    """The lens of each draft, where the seat covers several."""
    could_not_judge: tuple[Unjudged, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    """Of a challenge; it raises no findings."""
    not_covered: tuple[Gap, ...] = ()
    """Parts of the change this seat was not shown."""
    usage: Usage = Usage()
    usd: float | None = 0.0
    """Dollars for all attempts; None where the price is not known."""
    seconds: float = 0.0
    attempts: int = 0
    raw: str = ""
    """The last answer, byte for byte; kept in the run record."""
    request_id: str | None = None
    calls: tuple[Made, ...] = ()
    """Every attempt, in the order they ended."""


class Reply(Fact):
    """One attempt of one member. `usage` is filled whatever the outcome: a failed call may still cost."""

    outcome: Outcome
    text: str = ""
    usage: Usage = Usage()
    detail: str = ""
    retry_after: float | None = None
    """Seconds, as the server said."""
    request_id: str | None = None


class Billed(NamedTuple):
    """One attempt with its price."""

    reply: Reply
    usd: float | None
    """Dollars; None where the price is not known, or the answer broke off before the bill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to one member. `rules` and `shown` are the same bytes for every lens of a run."""

    rules: str
    """The frozen page: what a finding is, how the change is shown. The system prompt."""
    shown: str
    """The fenced change. Untrusted."""
    question: str
    """The lens, behind the change so that the prefix before it can be cached."""
    lens: str
    schema: dict[str, Any]
    max_output_tokens: int
    seconds: float
    """The whole call must end within this."""
    cache: bool
    """Other lenses follow on the same prefix: mark it for the vendor's cache."""
    started: Callable[[], None]
    """Called at the first event of the answer: from then on the cached prefix can be read by others."""
    change: Change
    """For members that read the diff itself (rules, SARIF); models see only the text above."""
    effort: Effort | None = None
    """The same for all calls of a member in one run: another one reads no cache. None is the vendor's own."""
    service_tier: str | None = None
    """Set by the connection, from the operator's word for the member; None is the vendor's standard."""


class Access(Fact):
    """What a member needs to be reached: from the operator's settings, never from the repository."""

    model: str
    api_key: SecretStr | None = None
    key_name: str = "its API key"
    """The environment variable the key comes from, for the person who has to mend it."""
    base_url: str | None = None
    declared: bool = False
    """A server of the operator's: nothing of a vendor's account travels to it, only the key that was given for it."""
    effort: Effort | None = None
    """The operator's word for this member. Compatible servers are sent no other: not all of them know the field."""
    service_tier: str | None = None
    structured: Literal["json_schema", "json_object", "text"] | None = None
    """How a compatible server is asked for JSON first; None tries from the strictest down."""
    extra: Mapping[str, Any] = {}
    """Fields for the body of each request to a compatible server."""


class Caching(NamedTuple):
    """How a vendor keeps the beginning of a prompt for the next call that begins alike."""

    least: int
    """Tokens of a prefix below which nothing is kept, and nothing is marked."""
    ready: Literal["begun", "ended"]
    """When others can read it: from the first event of the first answer on, or once that has ended."""
    promised: bool = True
    """A later call that reads nothing is worth a warning; False where the vendor promises nothing."""


Ask = Callable[[Call], Awaitable[Reply]]
Recall = Callable[[Call], Billed | None]
"""The answer to this very call that an earlier try of the same run had, if there was one; each is given once."""


class Provider(Protocol):
    """A module of `council/members`: opens a connection and gives the function that asks. It raises no vendor error."""

    def connect(self, access: Access) -> AbstractAsyncContextManager[Ask]: ...


class Dialect(Provider, Protocol):
    """A module that asks models over a network, and what is known of them by name."""

    def caching(self, model: str) -> Caching | None: ...

    def most_output(self, model: str) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A member with the way to reach them. `lenses` is what they can answer; None is every lens."""

    member: Member
    connect: Callable[[], AbstractAsyncContextManager[Ask]]
    lenses: tuple[str, ...] | None = None
    recall: Recall = lambda _call: None
    """Tried before `connect`'s Ask, at no cost: what was paid for is not bought twice."""
    reads_prompts: bool = True
    """False for members that read no prompt and cost nothing: rules, scripts, scanners. They are asked once."""
    tiers: frozenset[TierName] = frozenset({"low", "standard", "high"})
    """In which this member sits. One that does not sit may still be asked to challenge."""
    rates: Rates | None = None
    """What the operator says it costs; None is the price list."""
    price_share: float = 1.0
    """Of that price, what its calls are billed at: in a batch, half."""
    window: int | None = None
    """Tokens its context holds, prompt and answer; None is not known."""
    caching: Caching | None = None
    """None where nothing is known of a cache: all its calls may go at once."""
    most_output: int | None = None
    """Tokens its longest answer has, thinking included; None is not known. More is never asked for."""
    effort: Effort | None = None
    """The operator's word for this member, before that of the tier."""
    breaker: Breaker | None = None
    """Shared by all who ask the same server; None asks whatever happened before."""
