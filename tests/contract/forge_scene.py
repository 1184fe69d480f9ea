"""A pull request to put the questions of the forge contract to, and the forges that answer them.

The pull request changes two places of `app.py`, adds `new.py`, deletes `gone.py` and renames `old_name.py`. Time stands
still but for waits, which pass at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hub.apps import App
from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.server import HubServer
from hub.store import Entry
from hub.world import World
from pydantic import SecretStr

from reviewbot.forge.access import Access
from reviewbot.forge.app import TOKEN_PERMISSIONS
from reviewbot.forge.clock import Clock
from reviewbot.forge.github import connect
from reviewbot.forge.model import NewComment, NewReview
from reviewbot.forge.port import Forge

REPOSITORY = "octo/shop"
TOKEN = "ghs_of_the_app"
"""Of the App "reviewbot[bot]", with the permissions it asks for and no others (THREATS G29). It is like no word of a
reply: the adapter blots a token out wherever it comes back."""
LATIN = b"caf\xe9\n"
APP = [b"line %d\n" % n for n in range(1, 61)]
OLD = b"".join(b"value_%d = %d\n" % (n, n) for n in range(20))
BEFORE: dict[str, bytes | Entry] = {
    "app.py": b"".join(APP),
    "old_name.py": OLD,
    "gone.py": b"print('gone')\n",
    "docs/guide.md": b"# Guide\n",
    "latin.txt": LATIN,
    "tool": Entry("100755", b"#!/bin/sh\n"),
    "link": Entry("120000", b"docs/guide.md"),
}
AFTER: dict[str, bytes | Entry | None] = {
    "app.py": b"".join([*APP[:9], b"line ten\n", *APP[10:49], b"line fifty\n", *APP[50:]]),
    "new.py": b"".join(b"new %d\n" % n for n in range(1, 13)),
    "gone.py": None,
    "old_name.py": None,
    "new_name.py": OLD,
}
CHANGED_FILES = 4


class Scene(NamedTuple):
    """One forge over one world. `open` gives the same kind of forge for another token."""

    world: World
    forge: Forge
    number: int
    base: str
    head: str
    clock: Clock
    open: Callable[[str], Forge]

    def review(self, *comments: NewComment, body: str = "Reviewed.") -> NewReview:
        """A review of the head as it was when the scene began."""
        return NewReview(commit=self.head, body=body, comments=comments)

    def writes(self) -> list[str]:
        return [write.kind for write in self.world.writes]


def at(line: int, path: str = "app.py", body: str = "Look here.") -> NewComment:
    """A comment on one line of the head."""
    return NewComment(path=path, body=body, line=line, side="RIGHT")


@contextmanager
def in_memory(root: Path) -> Iterator[Scene]:
    """The fake behind the port, without HTTP."""
    world = _world(root)
    yield _scene(world, lambda token: MemoryForge(world, REPOSITORY, token))


@contextmanager
def over_http(root: Path, prefix: str = "") -> Iterator[Scene]:
    """The real adapter over loopback. At the end nothing had been said that GitHub's published contracts do not know.

    `prefix` is "/api/v3" for an Enterprise Server (THREATS G34).
    """
    world = _world(root)
    with HubServer(world, prefix=prefix) as hub:

        def forge_of(token: str) -> Forge:
            access = Access(
                token=SecretStr(token),
                api_url=hub.url,
                graphql_url=hub.graphql_url,
                server_url=hub.origin,
                signing_keys=(SecretStr("a key"),),
            )
            return connect(REPOSITORY, access, world.clock)

        yield _scene(world, forge_of)
        assert hub.violations == []


def _world(root: Path) -> World:
    return World(root, name=REPOSITORY, clock=hand_clock())


def _scene(world: World, forge_of: Callable[[str], Forge]) -> Scene:
    base = world.commit((), BEFORE)
    world.branch("main", base)
    head = world.commit(base, AFTER)
    pull = world.open_pull("main", head, title="Ten and fifty", body="As agreed.")
    app = App(world.clock)
    installation = app.install(world)
    _, app.tokens[TOKEN] = app.mint(installation.id, {"permissions": TOKEN_PERMISSIONS})
    return Scene(world, forge_of(TOKEN), pull.number, base, head, world.clock, forge_of)
