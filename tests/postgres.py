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

    def contents(self, name: str) -> "Contents":
        """What is in a database by now."""
        with psycopg.connect(self.url(name)) as connection:
            return _contents(connection)

    def empty(self, name: str, wanted: "Contents") -> bool:
        """Make a database again what its template is, whose sequences have not begun: far quicker than another copy.

        Throws out whoever is connected. False where more than rows has changed.
        """
        with psycopg.connect(self.url(name)) as connection:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}".encode())  # noqa: S608
            connection.execute("SET session_replication_role = replica")  # in any order, whatever refers to what
            for table, rows in _contents(connection).tables.items():
                if rows and not wanted.tables.get(table):
                    connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608
            connection.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
            return _contents(connection) == wanted

    def drop(self, name: str) -> None:
        """Drop a database, also under those who are connected to it."""
        self.say(f'DROP DATABASE "{name}" WITH (FORCE)')

    def say(self, statement: str) -> None:
        """Carry out a statement outside of any transaction, as superuser."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


class Contents(NamedTuple):
    """All there is in a database, to be compared with another."""

    structure: list[tuple[object, ...]]
    """Each column of each table, index and sequence."""
    sequences: list[tuple[object, ...]]
    """How far each has come."""
    tables: dict[str, list[tuple[object, ...]]]
    """The rows of each, by its quoted name."""


def _contents(connection: psycopg.Connection) -> Contents:
    def rows(query: str) -> list[tuple[object, ...]]:
        return connection.execute(query.encode()).fetchall()

    ours = "relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
    names = rows(f"SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND {ours} ORDER BY 1")  # noqa: S608
    return Contents(
        rows(
            "SELECT oid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull "  # noqa: S608
            f"FROM pg_class JOIN pg_attribute ON attrelid = oid WHERE {ours} ORDER BY 1, 2"
        ),
        rows("SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"),
        {str(name): rows(f"SELECT * FROM {name}") for (name,) in names},  # noqa: S608
    )


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
