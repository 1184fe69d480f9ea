"""A run of the Action as its runner would start it, over the fake GitHub, in process: what it printed and wrote."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from doors.runner_commands import Command, commands
from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.records import Pull
from hub.webhook_objects import Account, PullRequest
from hub.world import BOT, World

from reviewbot.doors.action import Begin, run_action
from reviewbot.doors.session import Session
from reviewbot.forge.access import Access

QUERY = b"def find(name):\n    return db.execute('SELECT * FROM t WHERE n=' + name)\n"
"""What the rules find something in."""
SERVER = "https://git.example.com"


class Run(NamedTuple):
    """How a run ended."""

    code: int
    commands: list[Command]
    outputs: dict[str, str]
    summary: str
    err: str

    @property
    def notices(self) -> list[str]:
        return [one.data for one in self.commands if one.name == "notice"]

    @property
    def errors(self) -> list[str]:
        return [one.data for one in self.commands if one.name == "error"]


class Runner:
    """A runner's folder and variables, and the world it reaches."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capfd = folder, capfd
        self.world = World(folder, clock=hand_clock())
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.base = self.world.commit((), {"app.py": b"import db\n"})
        self.world.branch("main", self.base)
        self.token = BOT
        self.forge = MemoryForge

    def open_pull(self, files: Mapping[str, bytes] | None = None, **more: Any) -> Pull:
        head = self.world.commit(self.base, {"app.py": b"import db\n\n\n" + QUERY} if files is None else files)
        return self.world.open_pull("main", head, **more)

    def told(self, pull: Pull) -> PullRequest:
        """The pull request as a webhook tells it."""
        fork = pull.head_repository.id != self.world.repository.id
        return PullRequest(
            repository=self.world.repository.name, repository_id=self.world.repository.id, number=pull.number,
            author=Account(pull.author.login, pull.author.id), draft=pull.draft, base_sha=self.base,
            head_sha=pull.head_sha, head_repository=pull.head_repository.name if fork else self.world.repository.name,
            head_repository_id=pull.head_repository.id,
        )  # fmt: skip

    def run(self, event: str, payload: Mapping[str, Any], *, begin: Begin | None = None, **variables: str) -> Run:
        files = {name: self.folder / name for name in ("event.json", "output", "summary.md")}
        files["event.json"].write_text(json.dumps(payload))
        environ = {
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(files["event.json"]),
            "GITHUB_REPOSITORY": self.world.repository.name,
            "GITHUB_SERVER_URL": SERVER,
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary.md"]),
            "INPUT_GITHUB_TOKEN": self.token,
            **variables,
        }
        code = run_action(environ, begin or self._begin)
        told = self.capfd.readouterr()
        return Run(
            code=int(code),
            commands=commands(told.out),
            outputs=_outputs(files["output"]),
            summary=files["summary.md"].read_text() if files["summary.md"].exists() else "",
            err=told.err,
        )

    def _begin(self, repository: str, access: Access) -> Session:
        forge = self.forge(self.world, repository, access.token.get_secret_value())
        clock = self.world.clock
        url = f"{access.server_url}/{repository}/blob/"
        return Session(forge=forge, keys=(b"key",), source_url=url, started=clock.now(), clock=clock)


def _outputs(file: Path) -> dict[str, str]:
    """One line a value: what the Action says of itself has no more."""
    lines = file.read_text().split("\n") if file.exists() else []
    return {name.partition("<<")[0]: value for name, value in zip(lines[::3], lines[1::3], strict=False)}
