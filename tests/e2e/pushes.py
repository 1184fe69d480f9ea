"""Pull requests on the fake GitHub, reviewed push by push through the same door as every other."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from e2e import story
from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.world import BOT, World

from reviewbot.change import Change
from reviewbot.doors.pull_request import Done, Wish, review_pull
from reviewbot.doors.session import Session
from reviewbot.forge.model import Conversation, Thread
from reviewbot.settings import Operator

POST = Wish(post=True)
LENSES = ("architecture", "security", "assumptions")
Files = Mapping[str, str | bytes | None]


@contextmanager
def unwatched(_change: Change, _council: object) -> Iterator[object]:
    yield lambda _seat, _review: None


class Pushes:
    """A world in which the author pushes and reviewbot, asked or by itself, reviews."""

    def __init__(self, root: Path, base: Files, head: Files, **pull: str) -> None:
        self.root = root
        self.world = World(root, clock=hand_clock())
        self.base = self.world.commit((), encoded(base))
        self.world.branch("main", self.base)
        self.head = self.world.commit(self.base, encoded(head))
        self.number = self.world.open_pull("main", self.head, **pull).number

    def push(self, files: Files, parent: str | None = None) -> Self:
        """A commit on the head, or on `parent`, which is a force-push."""
        self.head = self.world.commit(parent or self.head, encoded(files))
        self.world.push(self.number, self.head)
        return self

    def move_main(self, files: Files) -> str:
        """Somebody else's commit on the base branch."""
        tip = self.world.commit(self.base, encoded(files))
        self.world.branch("main", tip)
        return tip

    def hear(self, *drafts: Mapping[str, Any], wish: Wish = POST, policy: str = "", **more: Any) -> Done:
        """One run in which a single voice says these drafts, each through its own lens."""
        return self.review(wish, policy=policy, models=(self.voice(drafts),), **more)

    def voice(self, drafts: Sequence[Mapping[str, Any]]) -> str:
        answers = {
            lens: {"answer": {"findings": [d for d in drafts if d["lens"] == lens], "could_not_judge": []}}
            for lens in LENSES
        }
        return self.script(answers)

    def script(self, answers: Mapping[str, Any]) -> str:
        """A scripted member of the family "ada"."""
        file = self.root / "ada.json"
        file.write_text(json.dumps({"family": "ada", "answers": answers}))
        return f"scripted/{file}"

    def review(
        self, wish: Wish = POST, *, models: tuple[str, ...], policy: str = "", token: str = BOT, **operator: Any
    ) -> Done:
        """One run of reviewbot, as a process of its own would do it; an hour later it is over."""
        if policy:
            (self.root / "policy.yml").write_text(policy)
            wish = wish._replace(policy_file=self.root / "policy.yml")
        clock = self.world.clock
        forge = MemoryForge(self.world, token=token)
        session = Session(forge, (b"a key",), "https://hub.example/octo/shop/blob/", clock.now(), clock)
        try:
            return asyncio.run(review_pull(session, self.number, Operator(models=models, **operator), wish, unwatched))
        finally:
            clock.sleep(3_600)

    @property
    def conversation(self) -> Conversation:
        return MemoryForge(self.world).conversation(self.number)

    @property
    def threads(self) -> tuple[Thread, ...]:
        return self.conversation.threads

    @property
    def writes(self) -> list[str]:
        return [write.kind for write in self.world.writes]

    @property
    def checks(self) -> list[tuple[str, str, str | None]]:
        """Head, status and conclusion of each check run."""
        return [(run.head_sha, run.status, run.conclusion) for run in self.world.checks.values()]


class Story(Pushes):
    """The five pushes of `story`, and its two voices."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, story.BASE, story.PUSHES[0].files, title="Sell credit", body=story.BODY)
        self.at = 0

    def step(self, number: int) -> Self:
        """What the author does next; the fifth push is a rebase."""
        self.at = number - 1
        is_last = number == len(story.PUSHES)
        return self.push(story.PUSHES[self.at].files, self.move_main({"README.md": "Theirs\n"}) if is_last else None)

    def review(self, wish: Wish = POST, *, models: tuple[str, ...] = (), **more: Any) -> Done:
        voices = models or story.scripts(story.PUSHES[self.at], self.root / "voices")
        return super().review(wish, models=voices, **more)


def draft(title: str, path: str, quote: str, line: int = 1, **more: Any) -> dict[str, Any]:
    """What a voice says of a line: severe, so that it stands there."""
    return {
        "title": title, "body": f"What breaks: {title}.", "severity": "high", "confidence": "certain",
        "category": "errors", "path": path, "side": "new", "line": line, "quote": quote, "fix": None,
        "assumption": None, "lens": "architecture", **more,
    }  # fmt: skip


def encoded(files: Files) -> dict[str, bytes | None]:
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
