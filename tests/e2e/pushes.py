"""The pull request of `story`, on the fake GitHub, reviewed push by push through the same door as every other."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from e2e import story
from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.world import BOT, World

from reviewbot.change import Change
from reviewbot.doors.pull_request import Done, Session, Wish, review_pull
from reviewbot.forge.model import Conversation, Thread
from reviewbot.settings import Operator

POST = Wish(post=True)


@contextmanager
def unwatched(_change: Change, _council: object) -> Iterator[object]:
    yield lambda _seat, _review: None


class Story:
    """A world in which the author pushes and reviewbot, asked or by itself, reviews."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.world = World(root, clock=hand_clock())
        self.base = self.world.commit((), _bytes(story.BASE))
        self.world.branch("main", self.base)
        self.head = self.world.commit(self.base, _bytes(story.PUSHES[0].files))
        self.number = self.world.open_pull("main", self.head, title="Sell credit", body=story.BODY).number
        self.at = 0

    def push(self, number: int) -> Self:
        """What the author does next; the fifth push is a rebase."""
        self.at = number - 1
        parent = self.head
        if number == len(story.PUSHES):
            parent = self.world.commit(self.base, {"README.md": b"Somebody else's work\n"})
            self.world.branch("main", parent)
        self.head = self.world.commit(parent, _bytes(story.PUSHES[self.at].files))
        self.world.push(self.number, self.head)
        return self

    def review(self, wish: Wish = POST, *, policy: str = "", token: str = BOT, models: tuple[str, ...] = ()) -> Done:
        """One run of reviewbot, as a process of its own would do it; an hour later it is over."""
        operator = Operator(models=models or story.scripts(story.PUSHES[self.at], self.root / "voices"))
        if policy:
            (self.root / "policy.yml").write_text(policy)
            wish = wish._replace(policy_file=self.root / "policy.yml")
        clock = self.world.clock
        forge = MemoryForge(self.world, token=token)
        session = Session(forge, (b"a key",), "https://hub.example/octo/shop/blob/", clock.now(), clock)
        done = asyncio.run(review_pull(session, self.number, operator, wish, unwatched))
        clock.sleep(3_600)
        return done

    @property
    def conversation(self) -> Conversation:
        return MemoryForge(self.world).conversation(self.number)

    @property
    def threads(self) -> tuple[Thread, ...]:
        return self.conversation.threads


def _bytes(files: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}
