"""What the service's benchmarks stand on: GitHub, a vendor of models, a database and `reviewbot serve` as processes.

    with Rig(database="postgresql", seconds=3.0) as rig:
        rig.start("--web"); rig.start("--worker")
        rig.wait_until_up()
        place = rig.github.do(opened, 0)                # `service_world.opened`, carried out in GitHub's process
        rig.github.do(deliver, Event(place, "opened", "some-guid"))
        rig.wait_until_idle(60)

The service is the installed command. PostgreSQL is a cluster of its own, and waits for its disk as a real one does.
"""

import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import TracebackType
from typing import Any, Concatenate, Generic, Literal, ParamSpec, Self, TypeVar

import sqlalchemy as sa
from service_world import TESTS, github, point_to, url_of, vendor

from reviewbot.doors.service.store import JOBS, Store, open_store

sys.path[:0] = [str(TESTS)]

import postgres  # noqa: E402  the path above comes first
from hub import contracts  # noqa: E402

Database = Literal["sqlite", "postgresql"]
DATABASES: tuple[Database, ...] = ("sqlite", "postgresql")
MODEL = "stand/in"
FORK = get_context("fork")
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Hosted(Generic[T]):
    """A value that lives in a process of its own, and functions that are carried out there, one at a time."""

    def __init__(self, make: Callable[[], AbstractContextManager[T]]) -> None:
        self._lock = Lock()
        self._line, theirs = FORK.Pipe()
        self._process = FORK.Process(target=_host, args=(make, theirs, self._line))
        self._process.start()
        theirs.close()

    def do(self, work: Callable[Concatenate[T, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `work(value, ...)` gives there. Raises what it raises."""
        with self._lock:
            self._line.send(partial(_with_value, work, args, kwargs))
            result, error = self._line.recv()
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]  it comes out of a pipe

    def end(self) -> None:
        self._line.close()
        self._process.join()


def _with_value(work: Callable[..., R], args: tuple[Any, ...], kwargs: Mapping[str, Any], value: object) -> R:
    return work(value, *args, **kwargs)


def _host(make: Callable[[], AbstractContextManager[object]], line: Connection, other: Connection) -> None:
    other.close()  # or this process would never see that the benchmark has ended
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with make() as value, suppress(EOFError):
        while True:
            work = line.recv()
            try:
                line.send((work(value), None))
            except Exception as e:  # noqa: BLE001  it is raised where it was asked for
                line.send((None, e))


class Rig:
    """All of it, while a `with` lasts. Each process of the service writes its log into `folder`."""

    def __init__(
        self, *, database: Database, seconds: float, repositories: int = 10, variables: Mapping[str, str] | None = None
    ) -> None:
        if not contracts.available():
            sys.exit(contracts.WHY)
        self._database, self._variables = database, variables or {}
        self._make = partial(github, repositories=repositories), partial(vendor, seconds)
        self._ending = ExitStack()
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(TemporaryDirectory(prefix="reviewbot-benchmark-")))
            self.github = Hosted(partial(self._make[0], self.folder / "github"))
            stack.callback(self.github.end)
            self.models = Hosted(self._make[1])
            stack.callback(self.models.end)
            url = self._database_url(stack)
            self.port = _free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            self.environ = {
                "PATH": os.environ["PATH"], "HOME": str(self.folder), "SSL_CERT_DIR": str(self.folder),
                "REVIEWBOT_DATABASE_URL": url, "REVIEWBOT_SERVERS": f"stand={self.models.do(url_of)}/v1",
                **self.github.do(point_to, f"{self.url}/webhook"), **self._variables,
            }  # fmt: skip
            self.store: Store = open_store(url)
            stack.callback(self.store.engine.dispose)
            stack.callback(self._kill_all)
            self._ending = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.close()

    def _database_url(self, stack: ExitStack) -> str:
        if self._database == "sqlite":
            return f"sqlite:///{self.folder}/reviewbot.sqlite"
        return stack.enter_context(postgres.cluster(durable=True)).make("reviewbot")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """`reviewbot serve` with these words; it may not listen yet. A web process listens at `url`."""
        with (self.folder / f"serve-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "reviewbot", *self.command(*words)],
                env=self.environ,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def command(self, *words: str) -> list[str]:
        """What `reviewbot` is told, so that it serves here."""
        listen = () if "--worker" in words else ("--port", str(self.port))
        return ["serve", *words, *listen, "--metrics-port", "0", "--model", MODEL, "--lens", "security"]

    def _kill_all(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def wait_until_up(self, patience: float = 30.0) -> None:
        """Until the web process is well. Raises TimeoutError."""
        self._wait(self._is_well, patience, "the web process is not up")

    def wait_until_idle(self, patience: float) -> None:
        """Until every job has ended. Raises TimeoutError."""
        self._wait(lambda: not self.jobs("waiting", "running", "parked"), patience, "jobs are left")

    def wait_for_jobs(self, count: int, *states: str, patience: float) -> None:
        """Until so many jobs are in one of the states. Raises TimeoutError."""
        self._wait(lambda: self.jobs(*states) >= count, patience, f"not {count} jobs are {' or '.join(states)}")

    def _wait(self, done: Callable[[], bool], patience: float, otherwise: str) -> None:
        until = time.monotonic() + patience
        while not done():
            if time.monotonic() > until:
                raise TimeoutError(f"{otherwise} after {patience:g} s: {self.states()}; {self.log_ends()}")
            time.sleep(0.1)

    def _is_well(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def jobs(self, *states: str) -> int:
        """How many jobs are in one of these states."""
        return sum(count for state, count in self.states().items() if state in states)

    def states(self) -> dict[str, int]:
        with self.store.look() as connection:
            if not sa.inspect(connection).has_table("jobs"):
                return {}
            rows = connection.execute(sa.select(JOBS.c.state, sa.func.count()).group_by(JOBS.c.state))
            return dict(rows.all())

    def log_ends(self) -> str:
        """The last line of each log: what a process that ended had to say."""
        logs = sorted(self.folder.glob("serve-*.log"))
        return " | ".join(lines[-1][:500] for log in logs if (lines := log.read_text().splitlines()))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent of all do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
