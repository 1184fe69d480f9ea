"""One small world for the tests of the fake: a file changed in two places, one added, one removed, one renamed."""

from pathlib import Path
from typing import NamedTuple

from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.world import World

from reviewbot.forge.model import NewComment, NewReview

BEFORE = [b"line %d\n" % number for number in range(1, 41)]
AFTER = [*BEFORE[:9], b"ten\n", *BEFORE[10:29], *BEFORE[30:]]
"""Line 10 is changed, line 30 is gone: hunks -7,7 +7,7 and -27,7 +27,6."""


class Scene(NamedTuple):
    world: World
    forge: MemoryForge
    number: int
    base: str
    head: str

    def at(self, line: int, side: str = "RIGHT", *, start: int | None = None, path: str = "app.py") -> NewReview:
        """A review of the head with one comment."""
        comment = NewComment(path=path, body="Look.", line=line, side=side, start_line=start)
        return NewReview(commit=self.head, body="Reviewed.", comments=(comment,))

    def push(self, lines: list[bytes], *, parent: str | None = None) -> str:
        """Push a commit on the head, or on another commit, with this content of app.py."""
        sha = self.world.commit(parent or self.head, {"app.py": b"".join(lines)})
        self.world.push(self.number, sha)
        return sha


def small_scene(root: Path) -> Scene:
    world = World(root, clock=hand_clock())
    files = {"app.py": b"".join(BEFORE), "gone.py": b"gone\n", "old.py": b"".join(BEFORE)}
    base = world.commit((), files)
    world.branch("main", base)
    changed = {"app.py": b"".join(AFTER), "gone.py": None, "old.py": None}
    head = world.commit(base, changed | {"moved.py": b"".join(BEFORE), "new.py": b"one\ntwo"})
    pull = world.open_pull("main", head)
    return Scene(world, MemoryForge(world), pull.number, base, head)
