"""A PostgreSQL of our own for as long as it is needed: a fresh cluster in a temporary folder, behind a socket there.

It listens on no port, asks for no password, and is gone with the process that started it, also when that is killed.
Its binaries come from `.ci/parts`. PostgreSQL refuses to run as root; there it runs as the user its package made.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psycopg

WHY = "no PostgreSQL is here (.ci/parts installs it)"
_ACCOUNT = "postgres"
_HASTY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_SETTINGS = ("max_connections=400", "shared_buffers=64MB", "autovacuum=off", "jit=off", "listen_addresses=")
# It ends with its standard input, and with nothing else, or its folder would be left: a signal may be sent to the group
# of the tests. QUIT is PostgreSQL's word for stopping at once, whoever is connected.
_SERVE = """
trap '' HUP INT TERM
"$0" -D "$1/data" -k "$1" $2 >"$1/log" 2>&1 &
read -r _
kill -QUIT $!
wait
rm -rf "$1"
"""


class Cluster(NamedTuple):
    """A running PostgreSQL, by the folder of its socket."""

    folder: Path

    def url(self, name: str) -> str:
        """The address of one of its databases, as REVIEWBOT_DATABASE_URL takes it."""
        return f"postgresql://{_ACCOUNT}@/{name}?host={self.folder}"

    def make(self, name: str, template: str = "template1") -> str:
        """Make a database, a copy of another to which nobody may be connected; its address."""
        self.say(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, also under those who are connected to it."""
        self.say(f'DROP DATABASE "{name}" WITH (FORCE)')

    def say(self, statement: str) -> None:
        """Carry out a statement outside of any transaction, as superuser."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@cache
def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, the newest there are; None where there are none."""
    installed = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None, key=lambda path: int(path.parts[4]))
    found = installed or shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A cluster while the body runs. Unless `durable` it forgets what a power failure would take, and is faster."""
    programs = binaries()
    if programs is None:
        raise RuntimeError(WHY)
    account = {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": ()} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="reviewbot-postgres-"))
    if account:
        shutil.chown(folder, _ACCOUNT, _ACCOUNT)
    command = [programs / "initdb", "--auth=trust", f"--username={_ACCOUNT}", "--no-sync", "--encoding=UTF8"]
    subprocess.run([*command, "--locale=C", folder / "data"], check=True, stdout=subprocess.PIPE, cwd="/", **account)
    options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, *(() if durable else _HASTY)))
    command = ["sh", "-c", _SERVE, programs / "postgres", folder, options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd="/", **account) as process:
        _wait_until_up(Cluster(folder), process)
        yield Cluster(folder)


def _wait_until_up(cluster: Cluster, process: subprocess.Popen[bytes], patience: float = 30.0) -> None:
    until = time.monotonic() + patience
    while process.poll() is None:
        try:
            cluster.say("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
    raise RuntimeError((cluster.folder / "log").read_text())
