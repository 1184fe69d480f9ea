"""Who is asked what, and what came back. The port every member speaks is here: `Call` in, `Reply` out."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NamedTuple, Protocol

from pydantic import AfterValidator, SecretStr

from reviewbot.change import Change, Gap
from reviewbot.facts import Fact
from reviewbot.findings import Draft, Unjudged

State = Literal[
    "ok", "partial", "refused", "blocked", "truncated", "invalid", "unavailable", "over_budget", "config_error"
]
"""How a seat ended. Only `ok`, `partial` and `truncated` were asked; the other six looked at nothing."""
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
    member: Member
    lens: str


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


class Review(Fact):
    """What one seat came to: drafts or a stated failure, never an empty list for a failure."""

    seat: Seat
    state: State
    detail: str = ""
    """Who, what, remedy where the state is not `ok`."""
    drafts: tuple[Draft, ...] = ()
    could_not_judge: tuple[Unjudged, ...] = ()
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


Outcome = Literal["ok", "cut", "refused", "blocked", "too_long", "rate", "transient", "auth", "quota", "fatal"]
"""How one attempt ended, told apart by what is done next: `rate` and `transient` are tried again, `cut` once with a
doubled budget, the rest never."""


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


class Access(Fact):
    """What a member needs to be reached: from the operator's settings, never from the repository."""

    model: str
    api_key: SecretStr | None = None
    key_name: str = "its API key"
    """The environment variable the key comes from, for the person who has to mend it."""
    base_url: str | None = None


Ask = Callable[[Call], Awaitable[Reply]]
Recall = Callable[[Call], Billed | None]
"""The answer to this very call that an earlier try of the same run had, if there was one; each is given once."""


class Provider(Protocol):
    """A module of `council/members`: opens a connection and gives the function that asks. It raises no vendor error."""

    def connect(self, access: Access) -> AbstractAsyncContextManager[Ask]: ...


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
