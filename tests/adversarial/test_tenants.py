"""Two customers of one service, and one who goes: nothing is shared, nothing is kept, nothing is said behind the door.

Each has the App on a repository of its own, with the same path and the same content, and the same paid model is asked
(THREATS S36, S40, G33).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hub.apps import SECRET, App, private_key
from hub.hand_clock import hand_clock
from hub.postman import Postman
from hub.server import HubServer
from hub.world import World
from stand_in import Answer, Exchange, Request, StandIn

from reviewbot.council.model import Usage
from reviewbot.doors.service.book import Book
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.jobs import Job, read_job, receive
from reviewbot.doors.service.queue import Queue, prepare
from reviewbot.doors.service.retention import NOBODYS
from reviewbot.doors.service.store import CALLS, FEEDBACK, JOBS, REVIEWS, Store, make_tables, open_store
from reviewbot.doors.service.work import Bench, carry_out_job
from reviewbot.doors.service.workers import enrolled
from reviewbot.forge import app as forge_app
from reviewbot.forge.webhook import Delivery, decide
from reviewbot.settings import load_operator

CANARY = "the_words_of_a_customer"
CODE = f"def {CANARY}(card):\n    charge(card)\n"
FINDING = {
    "title": "Charged twice", "body": f"{CANARY} charges again.", "severity": "high", "confidence": "certain",
    "category": "errors", "path": "pay.py", "side": "new", "line": 2, "quote": "    charge(card)", "fix": None,
    "assumption": None,
}  # fmt: skip


class Service:
    """One worker's bench, the customers' repositories, and the vendor that is paid."""

    def __init__(self, bench: Bench, app: App, customers: dict[str, World], vendor: StandIn) -> None:
        self.bench, self.app, self.customers, self.vendor = bench, app, customers, vendor
        self.postmen = {name: Postman(app, world) for name, world in customers.items()}

    def told(self, name: str, event: str = "opened") -> str:
        """GitHub tells of the pull request of a customer, or that they take the App away; the id of the job."""
        postman = self.postmen[name]
        sent = postman.uninstalled() if event == "uninstalled" else postman.opened(7)
        delivery = decide(sent.headers, sent.event.body)
        assert isinstance(delivery, Delivery)
        assert receive(self.bench.store, self.bench.queue, delivery, self.bench.config)
        return sent.guid

    def work(self, job_id: str) -> Job | None:
        carry_out_job(job_id, 1, self.bench)
        return read_job(self.bench.store, job_id)

    def rows(self, table: sa.Table) -> list[sa.Row[Any]]:
        with self.bench.store.look() as connection:
            return list(connection.execute(sa.select(table)))

    def bytes(self) -> bytes:
        path = Path(self.bench.store.engine.url.database or "")
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path}/reviewbot.sqlite")
    make_tables(store)
    prepare(store)
    yield store
    store.engine.dispose()


@pytest.fixture
def service(tmp_path: Path, store: Store, server: StandIn) -> Iterator[Service]:
    clock, queue = hand_clock(), Queue(store)
    app = App(clock)
    worlds = {name: customer(tmp_path / name, name, first, app) for name, first in (("octo", 3), ("hexa", 4))}
    server.answer_everything(
        json.dumps({"findings": [FINDING], "could_not_judge": [], "verdicts": []}), usage=Usage(input=900, output=90)
    )
    with HubServer(worlds["octo"], others=(worlds["hexa"],)) as hub, enrolled(store, queue) as lease:
        environ = {
            "GITHUB_APP_ID": str(app.id),
            "GITHUB_APP_PRIVATE_KEY": private_key(),
            "GITHUB_WEBHOOK_SECRET": SECRET,
            "GITHUB_API_URL": hub.url,
            "GITHUB_GRAPHQL_URL": hub.graphql_url,
            "GITHUB_SERVER_URL": hub.origin,
            "REVIEWBOT_SERVERS": f"vendor={server.url}/v1",
        }
        bench = Bench(
            store=store,
            queue=queue,
            config=Config(),
            operator=load_operator(environ, flags={"models": ("vendor/large",), "lenses": ("architecture",)}),
            app=forge_app.App(forge_app.app_access_from(environ), clock),
            book=Book(store, lease, {}),
            lease=lease,
            clock=clock,
        )
        yield Service(bench, app, worlds, server)
        assert hub.violations == []


def customer(folder: Path, owner: str, first: int, app: App) -> World:
    folder.mkdir()
    world = World(folder, name=f"{owner}/shop", clock=app.clock, first_id=first * 10**9)
    base = world.commit((), {"README.md": b"# Shop\n"})
    world.branch("main", base)
    world.open_pull("main", world.commit(base, {"pay.py": CODE.encode()}))
    app.install(world)
    return world


def is_nobodys(call: sa.Row[Any]) -> bool:
    """Of whose call only the cost is kept, until the day is over (THREATS L19)."""
    whose = (call.installation_id, call.repository_id, call.number, call.lens, call.question, call.reply)
    return call.review_id == f"{NOBODYS}{call.id}" and whose == (0, 0, 0, "", "", None)


def test_two_customers_with_the_same_code_share_no_answer_no_row_and_no_token(service: Service) -> None:
    for name in service.customers:
        job = service.work(service.told(name))
        assert job
        assert job.state == "done", job.said
    ours, theirs = service.rows(REVIEWS)
    calls = service.rows(CALLS)
    assert (ours.head_sha, ours.installation_id == theirs.installation_id) == (theirs.head_sha, False)
    assert len(service.vendor.requests) == len(calls), "every answer was bought by whom it is for"
    assert {call.review_id: call.installation_id for call in calls} == {
        review.id: review.installation_id for review in (ours, theirs)
    }
    assert len({call.question for call in calls}) == len(calls), "another fence makes it another question"
    assert ours.id not in theirs.record
    for world in service.customers.values():
        opened = [minted for minted in service.app.tokens.values() if world.repository.id in minted.repository_ids]
        assert opened
        assert all(minted.repository_ids == {world.repository.id} for minted in opened)
    job = service.work(service.told("octo"))
    assert job
    assert [(row.installation_id, row.job_id) for row in service.rows(FEEDBACK)] == [(ours.installation_id, job.id)]


def test_of_a_customer_who_goes_no_byte_is_left_and_the_other_keeps_everything(service: Service) -> None:
    for name in service.customers:
        service.work(service.told(name))
    theirs = service.rows(REVIEWS)[1]
    assert service.bytes().count(CANARY.encode()) > 1
    order = service.work(service.told("octo", "uninstalled"))
    assert order
    assert (order.state, order.said) == ("done", "1 job deleted, with reviews and calls")
    assert [review.id for review in service.rows(REVIEWS)] == [theirs.id]
    kept = [call for call in service.rows(CALLS) if call.review_id != theirs.id]
    assert kept
    assert all(is_nobodys(call) for call in kept), "what the day has cost stays, and nothing that says whose it was"
    assert {job.installation_id for job in service.rows(JOBS)} == {theirs.installation_id, order.installation_id}
    service.work(service.told("hexa", "uninstalled"))
    assert CANARY.encode() not in service.bytes()


def test_when_the_app_goes_under_a_review_nothing_more_is_said_and_nothing_is_kept(service: Service) -> None:
    """The event that tells of it waits behind the review, which GitHub's refusals end at once (THREATS G33)."""
    world = service.customers["octo"]
    orders: list[str] = []

    def taken_away(_request: Request) -> Exchange:
        if not orders:
            orders.append(service.told("octo", "uninstalled"))
            world.requests.clear()
            world.writes.clear()
        return Answer(json.dumps({"findings": [FINDING], "could_not_judge": [], "verdicts": []}))

    service.vendor.respond = taken_away
    service.work(service.told("octo"))
    refused = [request.path for request in world.requests if "access_tokens" not in request.path]
    assert len(refused) <= 2, "one by posting, one by ending the check run"
    assert len(world.requests) <= 2 * len(refused), "each refusal is looked into once, with a new token"
    assert world.writes == []
    assert CANARY.encode() in service.bytes()
    service.work(orders[0])
    assert CANARY.encode() not in service.bytes()
    assert all(is_nobodys(call) for call in service.rows(CALLS))
    assert (service.rows(REVIEWS), len(service.rows(JOBS))) == ([], 1)
