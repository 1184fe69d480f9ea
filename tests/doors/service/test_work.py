"""One job from its delivery to its end, on the fake GitHub over HTTP and a real database."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from e2e.pushes import Files, Pushes, draft
from hub import webhooks
from hub.apps import SECRET, App, private_key
from hub.deliveries import Attempt
from hub.faults import answer, fail
from hub.postman import Postman
from hub.records import Permission
from hub.rejection import Rejection
from hub.server import HubServer
from hub.webhook_objects import Account
from stand_in import Answer, StandIn

from reviewbot.council import Usage
from reviewbot.doors.service.book import Book
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.end import DELAYS
from reviewbot.doors.service.jobs import Job, read_job, receive
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import JOBS, REVIEWS, Store
from reviewbot.doors.service.work import ASKED_AN_HOUR, Bench, carry_out_job
from reviewbot.doors.service.workers import enrolled
from reviewbot.forge import app as forge_app
from reviewbot.forge.webhook import Delivery, decide
from reviewbot.settings import Operator, Server

A = "def pay(order):\n    charge(order)\n"
CHARGED = draft("An order may be charged twice", "pay.py", "    charge(order)", 2)


class Shop(NamedTuple):
    """A repository with the App on it, the events it is told, and a worker's bench."""

    pushes: Pushes
    hub: HubServer
    app: App
    postman: Postman
    bench: Bench

    def take(self, sent: Attempt) -> str:
        """What GitHub sent comes in; the id of its job."""
        delivery = decide(sent.headers, sent.event.body)
        assert isinstance(delivery, Delivery), delivery
        assert receive(self.bench.store, self.bench.queue, delivery, self.bench.config)
        return sent.guid

    def push(self, text: str) -> str:
        before = self.pushes.head
        self.pushes.push({"pay.py": text})
        return self.take(self.postman.pushed(self.pushes.number, before))

    def opened(self) -> str:
        return self.take(self.postman.opened(self.pushes.number))

    def work(self, job_id: str, *, attempt: int = 1) -> Job:
        carry_out_job(job_id, attempt, self.bench)
        job = read_job(self.bench.store, job_id)
        assert job is not None
        return job

    def review(self, job_id: str) -> sa.Row[Any] | None:
        with self.bench.store.look() as connection:
            return connection.execute(sa.select(REVIEWS).where(REVIEWS.c.job_id == job_id)).one_or_none()


@contextmanager
def a_shop(
    root: Path, store: Store, *drafts: Mapping[str, Any], head: Files | None = None, **config: Any
) -> Iterator[Shop]:
    pushes = Pushes(root, {"README.md": "# Shop\n"}, head or {"pay.py": A})
    clock, queue = pushes.world.clock, Queue(store)
    app = App(clock)
    app.install(pushes.world)
    with HubServer(pushes.world) as hub, enrolled(store, queue) as lease:
        environ = {
            "GITHUB_APP_ID": str(app.id),
            "GITHUB_APP_PRIVATE_KEY": private_key(),
            "GITHUB_WEBHOOK_SECRET": SECRET,
            "GITHUB_API_URL": hub.url,
            "GITHUB_GRAPHQL_URL": hub.graphql_url,
            "GITHUB_SERVER_URL": hub.origin,
        }
        bench = Bench(
            store=store,
            queue=queue,
            config=Config(**config),
            operator=Operator(models=(pushes.voice(drafts),)),
            app=forge_app.App(forge_app.app_access_from(environ), clock),
            book=Book(store, lease, {}),
            lease=lease,
            clock=clock,
        )
        yield Shop(pushes, hub, app, Postman(app, pushes.world), bench)
        assert hub.violations == []


@pytest.fixture
def shop(tmp_path: Path, store: Store) -> Iterator[Shop]:
    with a_shop(tmp_path, store, CHARGED) as shop:
        yield shop


def test_an_event_becomes_a_review_that_is_in_the_book(shop: Shop) -> None:
    job_id = shop.opened()
    assert shop.work(job_id).state == "done"
    assert len(shop.pushes.threads) == 1
    assert shop.pushes.checks == [(shop.pushes.head, "completed", "neutral")]
    review = shop.review(job_id)
    assert (review.state, review.ended is not None) == ("posted", True)
    assert review.summary_url.startswith("http")
    assert json.loads(review.record)["id"] == review.id
    assert json.loads(review.report)["findings"][0]["title"] == CHARGED["title"]


def test_a_job_that_runs_again_says_nothing_twice(shop: Shop) -> None:
    """Its worker was killed after the last post and before the end was written down."""
    job_id = shop.opened()
    shop.work(job_id)
    with shop.bench.store.begin() as connection:
        connection.execute(sa.update(JOBS).values(state="waiting", ended=None))
    writes = shop.pushes.writes
    assert shop.work(job_id).state == "done"
    assert shop.pushes.writes == writes


def test_a_push_is_left_to_the_one_after_it(shop: Shop) -> None:
    first, second = shop.push(A + "again(order)\n"), shop.push(A + "once(order)\n")
    assert shop.work(first).state == "superseded"
    assert shop.work(second).state == "done"
    assert [sha for sha, *_ in shop.pushes.checks] == [shop.pushes.head]


def test_an_event_that_comes_after_a_newer_one_reviews_what_the_pull_request_is_now(shop: Shop) -> None:
    """Events come in any order, and the later job takes the place of the earlier one (THREATS G07)."""
    before = shop.pushes.head
    shop.pushes.push({"pay.py": A + "again(order)\n"})
    late = shop.postman.pushed(shop.pushes.number, before)
    newest = shop.push(A + "once(order)\n")
    assert shop.work(shop.take(late)).state == "done"
    assert shop.work(newest).state == "superseded"
    assert shop.pushes.checks == [(shop.pushes.head, "completed", "neutral")]


def test_a_head_that_moves_while_it_is_posted_is_reviewed_though_its_event_never_comes(shop: Shop) -> None:
    job_id, world = shop.opened(), shop.pushes.world

    def push_first(_world: object, go_on: Callable[[], Any]) -> Any:
        shop.pushes.push({"pay.py": A + "again(order)\n"})
        return go_on()

    world.faults.add("POST", "check-runs$", push_first)
    assert shop.work(job_id).state == "parked"
    assert shop.work(job_id, attempt=2).state == "done"
    assert shop.pushes.checks[-1] == (shop.pushes.head, "completed", "neutral")


def test_a_head_that_is_never_shown_as_it_was_told_is_given_up_in_the_end(shop: Shop) -> None:
    stale = answer(Rejection(422, f"No commit found for SHA: {shop.pushes.head}"))
    shop.pushes.world.faults.add("POST", r"/pulls/\d+/reviews$", stale, times=float("inf"))
    job_id = shop.opened()
    parked = shop.work(job_id)
    assert (parked.state, "tried again in 1 minute" in parked.said) == ("parked", True)
    with shop.bench.store.begin() as connection:
        connection.execute(sa.update(JOBS).values(attempt=len(DELAYS) + 1))
    assert shop.work(job_id, attempt=len(DELAYS) + 1).state == "failed"


def test_a_label_is_for_the_head_it_was_set_at(shop: Shop) -> None:
    """Nobody's wish pays for what a stranger pushes right after it."""
    labeled = shop.take(shop.postman.labeled(shop.pushes.number))
    shop.pushes.push({"pay.py": A + "again(order)\n"})
    job = shop.work(labeled)
    assert (job.state, "an event of its own" in job.said) == ("superseded", True)
    assert shop.pushes.writes == []


@pytest.mark.parametrize(("permission", "is_reviewed"), [("write", True), ("triage", False)])
def test_a_label_of_who_may_not_push_spends_no_money(shop: Shop, permission: Permission, is_reviewed: bool) -> None:
    """THREATS S23, S29: a draft is reviewed for who asks."""
    number = shop.pushes.number
    shop.pushes.world.pulls[number].draft = True
    who = Account(*shop.pushes.world.account("grace", permission))
    payload = webhooks.pull_request("labeled", shop.postman.pull(number), sender=who, label="reviewbot")
    job = shop.work(shop.take(shop.postman.send("pull_request", payload)))
    assert (job.state, "it is a draft" in job.said) == ("done", not is_reviewed)
    assert len(shop.pushes.threads) == is_reviewed


def test_who_asks_without_end_is_refused(shop: Shop) -> None:
    """THREATS S23."""
    orders = [shop.take(shop.postman.labeled(shop.pushes.number)) for _ in range(ASKED_AN_HOUR + 2)]
    job = shop.work(orders[-1])
    assert (job.state, job.said) == ("refused", f"ada asked for {ASKED_AN_HOUR + 1} others within the hour")


def test_what_github_cannot_do_now_is_tried_again_later(shop: Shop) -> None:
    faults, job_id = shop.pushes.world.faults, shop.opened()
    faults.add("GET", r"/pulls/\d+$", fail(), times=float("inf"))
    parked = shop.work(job_id)
    assert (parked.state, parked.attempt, "502" in parked.said) == ("parked", 2, True)
    faults.clear()
    assert shop.work(job_id, attempt=2).state == "done"
    assert len(shop.pushes.threads) == 1


def test_a_fault_that_does_not_pass_is_given_up_and_said(shop: Shop) -> None:
    shop.pushes.world.faults.add("GET", r"/pulls/\d+$", fail(), times=float("inf"))
    job_id = shop.opened()
    ended = [shop.work(job_id, attempt=attempt) for attempt in range(1, len(DELAYS) + 2)]
    assert [job.state for job in ended] == ["parked"] * len(DELAYS) + ["failed"]
    assert ended[-1].said.startswith(f"given up after {len(DELAYS) + 1} tries: GitHub: ")


def test_a_review_that_could_not_be_posted_in_full_is_finished_later(shop: Shop) -> None:
    shop.pushes.world.faults.add("POST", r"issues/\d+/comments$", fail(), times=float("inf"))
    job_id = shop.opened()
    parked = shop.work(job_id)
    assert (parked.state, "could not be posted in full" in parked.said) == ("parked", True)
    shop.pushes.world.faults.clear()
    assert shop.work(job_id, attempt=2).state == "done"
    assert (len(shop.pushes.threads), len(shop.pushes.conversation.comments)) == (1, 1)


def test_a_review_without_a_model_is_posted_and_asked_for_again_when_the_model_may_be_back(shop: Shop) -> None:
    """The rules found what they find; the model's server is away (THREATS L16)."""
    away = {"gone": Server(url="http://127.0.0.1:9/v1")}
    operator = Operator(models=("gone/model", "rules/builtin"), servers=away, seconds=1.5)
    bench, job_id = shop.bench, shop.opened()
    job = shop._replace(bench=bench._replace(operator=operator)).work(job_id)
    assert (job.state, job.said.startswith("no model answered: gone/model: ")) == ("parked", True)
    (summary,) = shop.pushes.conversation.comments
    assert "tried again in 1 minute" in summary.body
    assert shop.work(job_id, attempt=2).state == "done"
    (summary,) = shop.pushes.conversation.comments
    assert (len(shop.pushes.threads), "tried again" in summary.body) == (1, False)


def test_a_model_that_finds_nothing_anywhere_is_named_in_the_next_summary(shop: Shop, server: StandIn) -> None:
    """THREATS L17: whatever it is shown, it has nothing to say."""
    nothing = json.dumps({"findings": [], "could_not_judge": [], "verdicts": []})
    server.respond = lambda _: Answer(nothing, usage=Usage(input=5_000, output=20))
    operator = Operator(models=("blind/model",), servers={"blind": Server(url=f"{server.url}/v1")})
    bench = shop.bench._replace(operator=operator, config=Config(canary_every=1))
    shop = shop._replace(bench=bench)
    assert shop.work(shop.opened()).state == "done"
    (before,) = shop.pushes.conversation.comments
    assert "planted" not in before.body
    assert shop.work(shop.push(A + "again(order)\n")).state == "done"
    (after,) = shop.pushes.conversation.comments
    assert "blind/model missed a planted defect twice" in after.body
    assert "accounts/search.py" not in after.body, "nothing of a canary is posted"


def test_an_uninstalled_app_is_refused_and_does_not_knock_again(shop: Shop) -> None:
    job_id = shop.opened()
    shop.app.uninstall(shop.postman.installation)
    before = len(shop.pushes.world.requests)
    job = shop.work(job_id)
    assert (job.state, "not installed there" in job.said) == ("refused", True)
    assert len(shop.pushes.world.requests) - before <= 2


def test_more_reviews_within_an_hour_than_people_push_are_put_off(tmp_path: Path, store: Store) -> None:
    with a_shop(tmp_path, store, reviews_an_hour=2) as shop:
        ended = [shop.work(shop.push(f"{A}again({number})\n")) for number in range(4)]
        assert [job.state for job in ended] == ["done", "done", "parked", "parked"]
        assert ended[-1].said.endswith("were begun within the hour; tried again in 60 minutes")
        assert shop.work(shop.take(shop.postman.labeled(shop.pushes.number))).state == "done", "a person asks"


def test_a_person_who_may_push_is_answered_and_another_is_not(shop: Shop) -> None:
    shop.pushes.world.account("grace", "write")
    for author, said in (("grace", "replied to grace"), ("mallory", "refused, GitHub does not say that mallory may")):
        job_id = shop.take(shop.postman.commented(shop.pushes.number, "/reviewbot help", author))
        assert said in shop.work(job_id).said
    (reply,) = [remark for remark in shop.pushes.conversation.comments if remark.ours]
    assert "/reviewbot dismiss" in reply.body


def test_an_order_to_review_is_a_review_of_everything(shop: Shop) -> None:
    shop.work(shop.opened())
    order = shop.take(shop.postman.commented(shop.pushes.number, "/reviewbot review"))
    assert shop.work(order).state == "done"
    assert len(shop.pushes.threads) == 1
    assert any("Asked to read everything again" in remark.body for remark in shop.pushes.conversation.comments)


def test_a_check_that_is_asked_for_again_updates_what_was_said(shop: Shop) -> None:
    """THREATS L22: another answer to the same head is shown as an edit, never as more of the same."""
    shop.work(shop.opened())
    assert shop.work(shop.take(shop.postman.rerequested(shop.pushes.number))).state == "done"
    assert (len(shop.pushes.threads), len(shop.pushes.conversation.comments)) == (1, 1)


def test_a_closed_pull_request_is_left_alone(shop: Shop) -> None:
    opened, closed = shop.opened(), shop.take(shop.postman.closed(shop.pushes.number))
    assert shop.work(opened).state == "superseded"
    assert shop.work(closed).state == "done"
    assert shop.pushes.writes == []


def test_a_pull_request_that_was_opened_again_is_reviewed_though_its_end_is_told_later(shop: Shop) -> None:
    closed, pull = shop.postman.closed(shop.pushes.number), shop.pushes.world.pulls[shop.pushes.number]
    pull.state = "open"
    reopened = shop.take(shop.postman.changed("reopened", shop.pushes.number))
    assert shop.work(shop.take(closed)).state == "done"
    assert shop.work(reopened).state == "superseded"
    assert shop.pushes.checks == [(shop.pushes.head, "completed", "neutral")]


@pytest.mark.parametrize("drafts", [True, False])
def test_what_became_a_draft_is_reviewed_where_the_policy_reviews_drafts(shop: Shop, drafts: bool) -> None:
    shop.pushes.move_main({".reviewbot.yml": f"triggers:\n  drafts: {str(drafts).lower()}\n"})
    shop.opened()
    assert shop.work(shop.take(shop.postman.drafted(shop.pushes.number))).state == "done"
    assert len(shop.pushes.threads) == drafts


def test_a_head_of_two_pull_requests_is_reviewed_in_both(shop: Shop) -> None:
    """THREATS G27."""
    pushes, world = shop.pushes, shop.pushes.world
    shop.work(shop.opened())
    world.branch("release", pushes.base)
    other = world.open_pull("release", pushes.head).number
    sent = shop.postman.rerequested(pushes.number)
    payload = json.loads(sent.event.body)
    payload["check_run"]["pull_requests"] = []
    named = shop.take(shop.postman.send("check_run", payload))
    assert shop.work(named).said == f"it goes on as a job of its own for #{pushes.number} and #{other}"
    assert [shop.work(f"{named}#{number}").state for number in (pushes.number, other)] == ["done", "done"]


def test_a_command_that_met_a_passing_fault_is_carried_out_later(shop: Shop) -> None:
    job_id = shop.take(shop.postman.commented(shop.pushes.number, "/reviewbot review"))
    shop.pushes.world.faults.add("GET", "/compare/", fail(), times=float("inf"))
    assert shop.work(job_id).state == "parked"
    assert not any(remark.ours for remark in shop.pushes.conversation.comments)
    shop.pushes.world.faults.clear()
    assert shop.work(job_id, attempt=2).state == "done"
    assert len(shop.pushes.threads) == 1


def test_a_bug_ends_its_job_and_not_the_worker(shop: Shop) -> None:
    job_id = shop.opened()
    carry_out_job(job_id, 1, shop.bench._replace(app=None))
    job = read_job(shop.bench.store, job_id)
    assert (job.state, job.said) == ("failed", "a bug in reviewbot (AttributeError); the log has the traceback")


def test_nothing_is_left_when_the_app_goes(shop: Shop) -> None:
    job_id = shop.opened()
    shop.work(job_id)
    assert shop.work(shop.take(shop.postman.uninstalled())).state == "done"
    assert read_job(shop.bench.store, job_id) is None
    assert shop.review(job_id) is None


def test_a_worker_that_was_given_up_leaves_the_job_to_others(shop: Shop) -> None:
    job_id = shop.opened()
    shop.bench.lease.lost.set()
    carry_out_job(job_id, 1, shop.bench)
    assert read_job(shop.bench.store, job_id).ended is None
    assert shop.pushes.writes == []
