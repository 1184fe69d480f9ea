r"""The world that the fake GitHub shows: one repository and its forks, its people, pull requests and clock.

Here are the state and what people and tests do to it: commit, open, push, retarget, talk. What GitHub lets a token do
is in `pulls`, `reviews`, `talk` and `checks`; HTTP is in `server`; `memory` is reviewbot's port over all of it.

    world = World(tmp_path)
    base = world.commit((), {"app.py": b"one\n"})
    world.branch("main", base)
    pull = world.open_pull("main", world.commit((base,), {"app.py": b"one\ntwo\n"}))
    forge = MemoryForge(world)
"""

import itertools
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from hub.faults import Faults
from hub.limiter import Limiter
from hub.places import Side
from hub.records import Account, CheckRun, Grant, Permission, Pull, Reaction, Repository, Request, Said, Write
from hub.rejection import Rejection, not_found
from hub.store import Entry, Store

from reviewbot.forge.clock import Clock

if TYPE_CHECKING:
    from hub.apps import App

T = TypeVar("T")
BOT = "ghs_0OpensTheFakeForTheApp0000000000"
"""The token of the App that reviewbot is here: the account "reviewbot[bot]". As long as a real one: what masks tokens
in texts must not find it in words."""
PERSON = "ghp_0OpensTheFakeForAda0000000000000"
"""The token of "ada", who owns the repository."""


class Limits(NamedTuple):
    """GitHub's numbers, smaller where a test would have to build much to reach them."""

    body: int = 65_536
    """Characters of a comment or review (THREATS G19)."""
    diff_files: int = 300
    diff_lines: int = 20_000
    """Of a diff by media type (G20)."""
    listed_files: int = 3_000
    """Of "list pull requests files" over all pages (G21)."""
    compared_files: int = 300
    patch_lines: int = 20_000
    """Of the patches of one response, beyond which rows come without (G22)."""
    annotations: int = 50
    """Of one request (G26)."""
    check_text: int = 65_535
    page: int = 100


class World:
    """All state, behind one lock. `clock` is what every time and every wait follows.

    Worlds that one server shows have ids of their own: give each another `first_id`, beyond 32 bits as GitHub's are
    (THREATS G36).
    """

    def __init__(
        self, root: Path, *, name: str = "octo/shop", clock: Clock | None = None, first_id: int = 3_000_000_001
    ) -> None:
        self.clock = clock or Clock()
        self.store = Store(root / "network.git")
        self.lock = threading.RLock()
        self._ids = itertools.count(first_id)
        self._numbers = itertools.count(7)
        self.repository = Repository(name, next(self._ids))
        self.former_names: list[str] = []
        self.state: Literal["active", "archived", "suspended"] = "active"
        """Archived takes no writes; the suspended installation's tokens open nothing (THREATS G33)."""
        self.limits = Limits()
        self.limiter: Limiter | None = None
        self.faults = Faults()
        self.refused_anchors: set[tuple[str, Side, int]] = set()
        """Places (path, side, line) that GitHub refuses though they look right."""
        self.anchor_sentence = "Line could not be resolved"
        """What GitHub says today of a line outside the diff; `threads.OLDER_SENTENCE` is what it said for years."""
        self.refuse_next: tuple[int, ...] = ()
        """Positions, from 0, among the comments of the next review: their places are refused, then and always."""
        self.lose_next: tuple[int, ...] = ()
        """Positions among the comments of the next review that are taken and then shown nowhere (THREATS G14)."""
        self.accounts: dict[str, Account] = {}
        self.permissions: dict[str, Permission] = {}
        self.tokens: dict[str, Grant] = {}
        self.branches: dict[str, str] = {}
        self.pulls: dict[int, Pull] = {}
        self.checks: dict[int, CheckRun] = {}
        self.requests: list[Request] = []
        self.writes: list[Write] = []
        self.forbidden: list[str] = []
        """Approvals, requests for changes and merges that were asked for. A test wants it empty."""
        self.app: App | None = None
        """The App that is installed here (`App.install`); its installation tokens open this world too."""
        self.address: str | None = None
        """Where `server` shows this world; git fetches from there."""
        self.list_lag = 0.0
        """Seconds until anything made is listed."""
        self.token(BOT, self.account("reviewbot[bot]", "write", kind="Bot").login)
        self.token(PERSON, self.account("ada", "admin").login)

    # people

    def account(self, login: str, permission: Permission = "read", *, kind: str = "User") -> Account:
        """Somebody, made known or given another permission."""
        bot = kind == "Bot" or login.endswith("[bot]")
        known = self.accounts.get(login) or Account(login, next(self._ids), "Bot" if bot else "User")
        self.accounts[login], self.permissions[login] = known, permission
        return known

    def token(self, token: str, login: str, *, writes: bool = True) -> str:
        """Let a token open the world as this account; `writes=False` for the token of a fork's run."""
        self.tokens[token] = Grant(self.accounts[login], writes)
        return token

    def grant(self, token: str) -> Grant:
        """What a token opens. Raises Rejection 401; 403 while suspended; 404 where it is for other repositories."""
        minted = self.app is not None and token in self.app.tokens
        if not minted and token not in self.tokens:
            raise Rejection(401, "Bad credentials")
        if self.state == "suspended":
            raise Rejection(403, "This installation has been suspended")
        return self.app.grant(token, self) if self.app and minted else self.tokens[token]

    def opens_to(self, token: str) -> bool:
        """Whether a token was made for this world, be it worth something still or not."""
        minted = self.app.tokens.get(token) if self.app else None
        return token in self.tokens or (minted is not None and self.repository.id in minted.repository_ids)

    def goes_by(self, name: str) -> bool:
        """Whether this is its "owner/name", or once was."""
        return name == self.repository.name or name in self.former_names

    def rename(self, name: str) -> None:
        """From now on the old name answers with a redirect."""
        self.former_names.append(self.repository.name)
        self.repository = self.repository._replace(name=name)

    # git

    def commit(self, parents: tuple[str, ...] | str | None, files: Mapping[str, bytes | Entry | None]) -> str:
        """Make a commit and give its SHA: content by path, None deletes, `Entry` sets the mode."""
        line = () if parents is None else (parents,) if isinstance(parents, str) else parents
        with self.lock:
            return self.store.commit(line, files)

    def branch(self, name: str, sha: str) -> None:
        """Point a branch of the repository at a commit."""
        with self.lock:
            self.branches[name] = sha
            self.store.point(f"refs/heads/{name}", sha)

    # pull requests

    def open_pull(
        self,
        base_ref: str,
        head_sha: str,
        *,
        title: str = "A change",
        body: str | None = "",
        author: str = "ada",
        fork: bool = False,
        draft: bool = False,
    ) -> Pull:
        """Open a pull request from a branch of the repository, or of a fork of it."""
        with self.lock:
            number = next(self._numbers)
            who = self.accounts.get(author) or self.account(author)
            head = Repository(f"{who.bare_login}/{self.repository.name.split('/')[1]}", next(self._ids))
            self.pulls[number] = Pull(
                number=number, id=next(self._ids), title=title, body=body, author=who, base_ref=base_ref,
                head_sha=head_sha, head_ref=f"topic-{number}", head_repository=head if fork else self.repository,
                created=self.clock.now(), updated=self.clock.now(), draft=draft,
            )  # fmt: skip
            self.store.point(f"refs/pull/{number}/head", head_sha)
            return self.pulls[number]

    def push(self, number: int, sha: str, *, seen_after: float = 0.0) -> None:
        """Move the head. Where the old one is not an ancestor, GitHub re-points what was said (THREATS G16).

        For `seen_after` seconds reads still give the old head (G06).
        """
        with self.lock:
            pull = self.pulls[number]
            forced = not self.store.is_ancestor(pull.head_sha, sha)
            pull.stale = (pull.head_sha, self.clock.now() + seen_after) if seen_after else None
            pull.head_sha, pull.updated = sha, self.clock.now()
            self.store.point(f"refs/pull/{number}/head", sha)
            for review in pull.reviews if forced else ():
                review.commit_id = sha
            for comment in pull.review_comments:
                comment.commit_id = sha

    def retarget(self, number: int, base_ref: str) -> None:
        """Give a pull request another base branch (THREATS G37)."""
        with self.lock:
            self.pulls[number].base_ref, self.pulls[number].updated = base_ref, self.clock.now()

    # what people do on a page

    def say(self, number: int, login: str | None, body: str) -> Said:
        """An issue comment by anybody; by nobody whose account still stands, for None."""
        with self.lock:
            pull = self.pulls[number]
            said = Said(self.new_id(), self.accounts[login] if login else None, body, self.clock.now(), self.shown())
            pull.comments.append(said)
            pull.updated = said.created
            return said

    def edit(self, said_id: int, login: str, body: str) -> None:
        """Somebody changes the text of a comment, theirs or not."""
        with self.lock:
            said = self.find_said(said_id)
            said.body, said.edited, said.editor = body, self.clock.now(), self.accounts[login]

    def react(self, said_id: int, login: str, content: str) -> Reaction:
        """A reaction on any comment; the same one twice is one."""
        with self.lock:
            said, who = self.find_said(said_id), self.accounts[login]
            for reaction in said.reactions:
                if (reaction.account, reaction.content) == (who, content):
                    return reaction
            said.reactions.append(Reaction(self.new_id(), who, content))
            return said.reactions[-1]

    def holds(self, node_id: str) -> bool:
        """Whether GraphQL's id is of something said here."""
        said = (
            one
            for pull in self.pulls.values()
            for one in (*pull.threads, *pull.comments, *pull.review_comments, *pull.reviews)
        )
        return any(one.node_id == node_id for one in said)

    def find_said(self, said_id: int) -> Said:
        """A comment of any kind by its id. Raises Rejection 404."""
        for pull in self.pulls.values():
            for said in (*pull.comments, *pull.review_comments, *pull.reviews):
                if said.id == said_id:
                    return said
        raise not_found()

    # one request

    def serve(self, request: Request, act: Callable[[], T]) -> T:
        """Carry a request out, with the faults that wait for it. Raises Rejection, Dropped."""
        with self.lock:
            self.requests.append(request)
            fault = self.faults.take(request)

        def carried_out(lag: float = 0.0) -> T:
            with self.lock:
                if self.limiter:
                    self.limiter.count(request, self.clock.now())
                self._lag = max(lag, self.list_lag)
                return act()

        return fault(self, carried_out) if fault else carried_out()

    _lag = 0.0

    def shown(self) -> float:
        """From when on what is made now is listed."""
        return self.clock.now() + self._lag

    def new_id(self) -> int:
        return next(self._ids)

    def wrote(self, write: Write) -> None:
        self.writes.append(write)
        if write.number in self.pulls:
            self.pulls[write.number].updated = self.clock.now()
