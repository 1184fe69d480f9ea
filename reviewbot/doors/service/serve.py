"""The processes of the service: what is checked before they listen, where they listen, and how they end.

Without `--web` or `--worker` this process is the web, and a child of it is the worker: a review that fills the memory
takes no event with it. Knows nothing of events and jobs.
"""

import logging
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from tempfile import TemporaryDirectory
from typing import Final

import uvicorn

from reviewbot.doors.flags import Flags
from reviewbot.doors.service import logs, traces
from reviewbot.doors.service.address import Address, held, url_of
from reviewbot.doors.service.child import Child, join_parent, keep
from reviewbot.doors.service.config import Config, read_config
from reviewbot.doors.service.connection import Connection
from reviewbot.doors.service.database import furnish, no_database, opened, place
from reviewbot.doors.service.ending import asked_to_stop, leave_stragglers
from reviewbot.doors.service.mandate import Mandate, read_mandate
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import Away, Store
from reviewbot.doors.service.workers import retire
from reviewbot.errors import BadSettings, Exit, ReviewbotError

# `web` and `metrics` are imported where they are used: whether two processes count as one is decided, by prometheus,
# when it is imported.

CHILD_SECONDS: Final = 60.0
"""How long the worker may take to come up before the web listens without it."""
LATE: Final = 10.0
"""Seconds beyond the grace after which a worker that should have ended is killed."""
CONNECTIONS: Final = 256
"""At the same time; whoever comes then is told 503."""


def serve(  # noqa: PLR0913  each is an option of the command
    flags: Flags, *, host: str, port: int, metrics_port: int, web: bool, worker: bool
) -> Exit:
    """Serve until SIGTERM or SIGINT. Raises ReviewbotError, before anything listens, for what a person has to mend."""
    os.umask(0o077)  # what is stored is other people's code: the database's file is for this account alone
    logs.start(sys.stderr)
    try:
        ended = _serve(
            flags, Address(host, port), Address(host, metrics_port), web=web or not worker, worker=worker or not web
        )
    except ReviewbotError as e:
        leave_stragglers(Exit.EXPLAINED, str(e))
        raise
    except Exception:  # noqa: BLE001  whoever reads a service's log finds the traceback there
        logs.tell("a bug in reviewbot", level=logging.ERROR)
        ended = Exit.BUG
    leave_stragglers(ended)
    return ended


def _serve(flags: Flags, address: Address, metrics: Address, *, web: bool, worker: bool) -> Exit:
    """What can be wrong is looked at in this order: what was set, the addresses, the database, the App."""
    config = read_config(os.environ)
    if web and not config.webhook_secrets:
        remedy = "give it the secret of the App's webhook, or nobody can be told from GitHub"
        raise BadSettings("GITHUB_WEBHOOK_SECRET", "is not set", remedy)
    mandate = read_mandate(flags, config.limits, os.environ) if worker else None
    with asked_to_stop() as (stop, at_once), ExitStack() as stack:
        stack.callback(traces.start(os.environ))
        door = stack.enter_context(held(address)) if web else None
        if web and worker:
            stack.enter_context(_one_count(at_once))
        store = stack.enter_context(opened(config.database_url))
        stack.enter_context(_showing(metrics, store))
        furnish(store, stop)
        child = stack.enter_context(_worker_below(config, flags, at_once)) if web and worker else None
        if child and _first_end(child, stop) == Exit.EXPLAINED:
            return Exit.EXPLAINED  # its own line has said why
        if door:
            with _listening(door, store, config, stop):
                _say_where(door, metrics, store, child)
                _wait(stop, child, store)
        elif mandate:
            _work(config, mandate, store, stop)
    return Exit.REVIEWED


def _work(config: Config, mandate: Mandate, store: Store, stop: threading.Event) -> None:
    from reviewbot.doors.service.worker import run_worker  # noqa: PLC0415  brings the rooms that only a worker needs

    say = join_parent(stop, config.grace + LATE / 2)

    def tell_id(worker: str) -> None:
        logs.tell("the worker takes jobs", worker=worker, at_once=config.concurrency)
        if say:
            say(worker)

    try:
        run_worker(config, mandate, store, stop, tell_id)
    except Away as e:
        raise no_database(e) from e


@contextmanager
def _one_count(at_once: ExitStack) -> Iterator[None]:
    """This process and its child count into one folder, so that one port shows both."""
    with TemporaryDirectory(prefix="reviewbot-", ignore_cleanup_errors=True) as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        at_once.callback(partial(shutil.rmtree, folder, ignore_errors=True))
        yield


@contextmanager
def _worker_below(config: Config, flags: Flags, at_once: ExitStack) -> Iterator[Child]:
    """The worker as a child."""
    command = ["serve", "--worker", "--metrics-port", "0", *words_of(flags)]
    child = Child([sys.executable, "-P", "-m", "reviewbot", *command])  # -P: never a `reviewbot` that lies around
    at_once.callback(child.kill)
    try:
        yield child
    finally:
        child.end(config.grace + LATE)


def _first_end(child: Child, stop: threading.Event) -> int | None:
    """The exit code of a child that ended before it had said its name; None where it works, or takes too long."""
    until = time.monotonic() + CHILD_SECONDS
    while child.name is None and time.monotonic() < until and not stop.is_set():
        if not child.hear(0.2):
            return child.end(LATE)
    return None


def words_of(flags: Flags) -> Iterator[str]:
    """The flags as they were given; those that are not of this command have their defaults."""
    for name, values in (("--model", flags.models), ("--lens", flags.lenses)):
        for value in values:
            yield from (name, value)
    if flags.offline:
        yield "--offline"
    for name, ceiling in (("--max-usd", flags.max_usd), ("--max-tokens", flags.max_tokens)):
        if ceiling is not None:
            yield from (name, str(ceiling))


def _wait(stop: threading.Event, child: Child | None, store: Store) -> None:
    """Until the service is asked to stop; then the worker is, before the web has ended."""

    def ended(name: str | None, code: int, pause: float) -> None:
        logs.tell(
            "the worker ended, and will be started again", level=logging.ERROR, worker=name, code=code, after=pause
        )
        if name:
            try:
                retire(store, name)
            except Away as e:
                logs.tell("its jobs wait until it is missed", level=logging.WARNING, worker=name, why=str(e))

    if child:
        keep(child, stop, ended)
        child.let_go()
    stop.wait()
    logs.tell("asked to stop")


def _say_where(door: socket.socket, metrics: Address, store: Store, child: Child | None) -> None:
    host, port = door.getsockname()[:2]
    logs.tell(
        "serving",
        web=url_of(host, port, "/webhook"),
        metrics=url_of(host, metrics.port, "/metrics") if metrics.port else None,
        worker=child.name or "not yet" if child else "elsewhere",
        database=place(store.engine.url),
    )


@contextmanager
def _showing(address: Address, store: Store) -> Iterator[None]:
    """The metrics, where a port is given for them."""
    from reviewbot.doors.service import metrics  # noqa: PLC0415  as said at the top

    with metrics.shown(*address, store, Queue(store)) if address.port else nullcontext():
        yield


@contextmanager
def _listening(door: socket.socket, store: Store, config: Config, stop: threading.Event) -> Iterator[None]:
    """The web, in a thread of its own: this one watches. Where it ends by itself, that is a bug."""
    from reviewbot.doors.service.web import make_app  # noqa: PLC0415  as said at the top

    server = uvicorn.Server(
        uvicorn.Config(
            make_app(store, Queue(store), config), http=Connection, ws="none", log_config=None, access_log=False,
            server_header=False, proxy_headers=False, limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=int(LATE),
        )
    )  # fmt: skip
    ended_alone = threading.Event()

    def listen() -> None:
        try:
            server.run(sockets=[door])
        finally:
            if not server.should_exit:
                ended_alone.set()
            stop.set()

    thread = threading.Thread(target=listen, name="web")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
    if ended_alone.is_set():
        raise RuntimeError("the web ended by itself")
