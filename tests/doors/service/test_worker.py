"""A worker says what is wrong before it takes a job, and ends at once when others have taken over its jobs."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from asking import a_call
from booked import Held, Voice, a_job, a_pull
from hub.apps import APP_ID, App, private_key
from hub.faults import fail
from hub.server import HubServer
from hub.world import World

from reviewbot.doors.flags import Flags
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.mandate import read_mandate
from reviewbot.doors.service.store import WORKERS, Store, open_store
from reviewbot.doors.service.worker import TAKEN_FOR_DEAD, make_bench, run_worker
from reviewbot.doors.service.workers import retire
from reviewbot.errors import BadSettings
from reviewbot.forge import app as forge_app
from reviewbot.record.spending import day_accounts
from reviewbot.settings import Budget, Operator


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """A GitHub with the App `apps.APP_ID`."""
    world = World(tmp_path)
    App(world.clock).install(world)
    with HubServer(world) as server:
        yield server


def environ_of(hub: HubServer, app_id: int) -> dict[str, str]:
    return {"GITHUB_APP_ID": str(app_id), "GITHUB_APP_PRIVATE_KEY": private_key(), "GITHUB_API_URL": hub.url}


def tried(store: Store, hub: HubServer, app_id: int, *lenses: str) -> list[str]:
    """How the worker is called by the others, where it comes to take jobs; it is asked to stop at once."""
    told, stop = [], threading.Event()
    stop.set()
    mandate = read_mandate(Flags(lenses=lenses), {}, environ_of(hub, app_id))
    run_worker(Config(grace=0), mandate, store, stop, told.append)
    return told


def test_an_app_that_github_does_not_know_takes_no_job(store: Store, hub: HubServer) -> None:
    with pytest.raises(BadSettings, match=r"GITHUB_APP_ID: the App: .* 404"):
        tried(store, hub, APP_ID + 1)
    with store.look() as connection:
        assert connection.execute(sa.select(WORKERS)).all() == []


def test_what_may_be_all_right_is_told_and_the_worker_begins(
    store: Store, hub: HubServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """GitHub is away, and a lens is none of ours: a repository may have it."""
    monkeypatch.setattr("reviewbot.forge.app.QUICK", 0.0)
    hub.world.faults.add("GET", "/app", fail(502))
    assert len(tried(store, hub, APP_ID, "securty", "security")) == 1
    away, lens, *_ = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "could not be asked" in away.message
    assert lens.facts == {"lenses": ["securty"]}


async def test_the_budget_of_a_day_is_kept_by_the_book_and_by_no_file_of_this_machine(
    store: Store, hub: HubServer
) -> None:
    operator = Operator(day_budget=Budget(tokens=1), pull_budget=Budget(usd=2.0))
    app = forge_app.App(forge_app.app_access_from(environ_of(hub, APP_ID)))
    bench = make_bench(Config(), operator, store, app, Held())
    voice = Voice()
    run = bench.book.begin(a_job(), a_pull(), "key", [voice.invited])
    async with run.council[0].connect() as ask:
        assert (await ask(a_call())).outcome == "over_budget"
    assert voice.calls == []
    assert run.resumed
    assert run.resumed.left == Budget(tokens=1, usd=2.0)
    assert day_accounts(bench.operator) == ()


def test_a_worker_whose_jobs_others_have_ends_in_the_middle_of_everything(
    sqlite_url: str, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (environ_of(hub, APP_ID) | {"REVIEWBOT_DATABASE_URL": sqlite_url}).items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "reviewbot", "serve", "--worker", "--metrics-port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        said = next(line for line in worker.stderr if '"worker"' in line)
        store = open_store(sqlite_url)
        retire(store, re.search(r'"worker": "([^"]+)"', said)[1])
        store.engine.dispose()
        log = worker.stderr.read()
        assert worker.wait(20) == TAKEN_FOR_DEAD
    assert "taken for dead" in log
