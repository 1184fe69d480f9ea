"""A pull request that adds a file of 60 telling lines, and reports about it, for the tests of posting."""

from pathlib import Path
from typing import Self

from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.world import World
from report.samples import finding, run_of, seat

from reviewbot.change import Diff, parse_diff
from reviewbot.forge.marks import MAX_BODY, Signer, scope_of
from reviewbot.forge.model import Conversation
from reviewbot.forge.posting import Desk
from reviewbot.forge.publish import Published, publish
from reviewbot.report import Report, ReportFinding, ReportSeat

PATH = "shop.py"
LINES = [f"value_{number:02} = compute({number})" for number in range(1, 61)]
KEYS = (b"a key that only tests have",)
SEATS = (seat(lens="security"),)


def found(line: int, rank: int | None = None, /, **more: object) -> ReportFinding:
    """A finding on one line of the file."""
    values: dict[str, object] = {
        "path": PATH, "start_line": line, "line": line, "quote": LINES[line - 1], "title": f"Finding on line {line}",
    }  # fmt: skip
    return finding(rank or line, **values | more)


def report(*findings: ReportFinding, seats: tuple[ReportSeat, ...] = SEATS, **more: object) -> Report:
    return run_of(seats, findings, **more)


class Scene:
    """One open pull request, and whoever posts to it."""

    def __init__(self, root: Path) -> None:
        self.world = World(root, clock=hand_clock())
        self.forge = MemoryForge(self.world)
        self.base = self.world.commit((), {"README.md": b"Shop\n"})
        self.world.branch("main", self.base)
        self.head = self.world.commit(self.base, {PATH: code(LINES)})
        self.number = self.world.open_pull("main", self.head).number

    def push(self, lines: list[str], *, path: str = PATH, forced: bool = False) -> Self:
        """The author's next commit; a forced one takes the place of the last."""
        files = {PATH: None, path: code(lines)} if path != PATH else {PATH: code(lines)}
        if forced:
            files = {name: content for name, content in files.items() if content}
        self.head = self.world.commit(self.base if forced else self.head, files)
        self.world.push(self.number, self.head)
        return self

    def desk(self, setup: str = "the policy") -> Desk:
        """A process that has just begun."""
        pull = self.forge.pull(self.number)
        return Desk(
            forge=self.forge, pull=pull, base=self.forge.merge_base(pull.base_sha, pull.head_sha), setup=setup,
            signer=Signer(KEYS, scope_of(pull)), started=self.world.clock.now(), clock=self.world.clock,
        )  # fmt: skip

    @property
    def diff(self) -> Diff:
        return parse_diff(self.forge.diff(self.number))

    def publish(self, *findings: ReportFinding, suggestions: bool = False, **more: object) -> Published:
        """One run of a process of its own."""
        return publish(self.desk(), report(*findings, **more), diff=self.diff, suggestions=suggestions)

    @property
    def conversation(self) -> Conversation:
        return self.forge.conversation(self.number)

    @property
    def writes(self) -> list[str]:
        """What was accepted, in order."""
        return [write.kind for write in self.world.writes]

    @property
    def review_calls(self) -> int:
        return sum(one.method == "POST" and one.path.endswith("/reviews") for one in self.world.requests)

    @property
    def lines(self) -> list[int | None]:
        """Where our threads stand."""
        return [thread.line for thread in self.conversation.threads]

    @property
    def summary(self) -> str:
        """The newest summary comment."""
        return self.conversation.comments[-1].body

    def check(self) -> None:
        """What must hold however a run ended."""
        assert not self.world.forbidden
        bodies = [write.body for write in self.world.writes]
        assert all(len(body) <= MAX_BODY for body in bodies)


def added(lines: list[str], path: str = PATH) -> Diff:
    """The diff of a new file."""
    body = "".join(f"+{line}\n" for line in lines)
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/{path}\n"
    return parse_diff(f"{head}@@ -0,0 +1,{len(lines)} @@\n{body}".encode())


def code(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
