"""The body of a worker process: it takes jobs until it is asked to stop, or until it is taken for dead.

Knows how the parts are put together and in which order they end. How processes are started is `serve`'s business.
"""

import logging
import os
import resource
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from reviewbot.council.prompt import load_lenses
from reviewbot.doors.service import logs
from reviewbot.doors.service.book import Book
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.mandate import Mandate
from reviewbot.doors.service.queue import Queue, working
from reviewbot.doors.service.store import Store
from reviewbot.doors.service.sweep import Sweep, sweeping
from reviewbot.doors.service.work import Bench, carry_out_job, forge_of
from reviewbot.doors.service.workers import Lease, enrolled
from reviewbot.errors import BadSettings, ForgeError, NoAccess
from reviewbot.forge.app import App
from reviewbot.settings import Budget, Operator
from reviewbot.wiring import load_ahead

TAKEN_FOR_DEAD: Final = 70
"""How a worker ends whose jobs others have taken over: at once, in the middle of whatever it does."""


def run_worker(
    config: Config, mandate: Mandate, store: Store, stop: threading.Event, tell_id: Callable[[str], None]
) -> None:
    """Carry out jobs until `stop` is set. `tell_id` is told under which name this worker is known to the others.

    Raises BadSettings where GitHub does not know the App by this key, before any job is begun; Away.
    """
    operator, access = mandate
    app = App(access)
    _prove(app)
    if odd := sorted(set(operator.lenses) - load_lenses().keys()):
        logs.tell(
            "only a repository may have this lens; where it has not, no review begins",
            level=logging.WARNING,
            lenses=odd,
        )
    _allow_many_files()
    load_ahead(operator).join()  # or the first jobs would each wait for it, in their threads
    queue = Queue(store)
    with enrolled(store, queue) as lease:
        tell_id(lease.worker)
        bench = make_bench(config, operator, store, app, lease)
        work = partial(carry_out_job, bench=bench)
        sweep = Sweep(store, queue, config, app, partial(forge_of, bench), stop=stop)
        sweeper = threading.Thread(target=sweeping, args=(sweep,), name="sweep", daemon=True)
        with working(store, work, worker=lease.worker, at_once=config.concurrency, grace=config.grace):
            sweeper.start()
            while not stop.wait(0.5):
                if lease.lost.is_set():
                    logs.tell("taken for dead, others have its jobs: it ends", level=logging.ERROR)
                    os._exit(TAKEN_FOR_DEAD)


def make_bench(config: Config, operator: Operator, store: Store, app: App, lease: Lease) -> Bench:
    """What every job is carried out with. The day's budget is the book's, shared by all workers, not this machine's."""
    book = Book(store, lease, config.limits, pull=operator.pull_budget, day=operator.day_budget)
    operator = operator.model_copy(update={"day_budget": Budget()})
    return Bench(store, Queue(store), config, operator, app, book, lease)


def _prove(app: App) -> None:
    """Raises BadSettings where id and key are not of one App: each job would fail, one after the other."""
    try:
        logs.tell("GitHub knows the App", app=app.slug())
    except NoAccess as e:
        raise BadSettings("GITHUB_APP_ID", e.what, e.remedy) from e
    except ForgeError as e:
        logs.tell("GitHub could not be asked whether it knows the App", level=logging.WARNING, why=str(e))


def _allow_many_files() -> None:
    """Each review holds a few connections open, and many systems allow a process 1,024 files unless it asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
