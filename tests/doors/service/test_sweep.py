"""What no event told is found, once, whatever GitHub refuses meanwhile (THREATS G03, G28)."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hub.apps import App as HubApp
from hub.apps import Installation, private_key
from hub.faults import answer, fail
from hub.hand_clock import hand_clock
from hub.mailbox import Mailbox
from hub.postman import Postman
from hub.rejection import Rejection, not_found, secondary_limit
from hub.server import HubServer
from hub.world import BOT, World
from pydantic import SecretStr

from reviewbot.doors.service import sweep as module
from reviewbot.doors.service.checks import OpenCheck, note_open
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.jobs import receive
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import CHECKS, JOBS, REVIEWS, SWEEPS, Store, now
from reviewbot.doors.service.sweep import (
    FIRST,
    LONGEST,
    OVERLAP,
    Sweep,
    end_turn,
    sweep_once,
    sweeping,
    take_turn,
)
from reviewbot.errors import BadInput, Limited, NoAccess, Unreachable
from reviewbot.forge.access import Access
from reviewbot.forge.app import App, AppAccess
from reviewbot.forge.check import running
from reviewbot.forge.clock import Clock
from reviewbot.forge.event import Forget, Review
from reviewbot.forge.github import connect
from reviewbot.forge.port import Forge
from reviewbot.forge.webhook import Delivery

HOUR = 3_600.0
SHOP, DESK = "octo/shop", "hexa/desk"


class Town:
    """Three repositories, two of them of one installation, and the service that should know of them."""

    store: Store

    def __init__(self, folder: Path) -> None:
        self.clock = hand_clock()
        self.app = HubApp(self.clock)
        self.shop, self.annex, self.desk = (
            self._world(folder / name, name, number) for number, name in enumerate((SHOP, "octo/annex", DESK), 3)
        )
        self.app.install(self.shop, self.annex)
        self.app.install(self.desk)
        self.url = ""

    def _world(self, folder: Path, name: str, first: int) -> World:
        folder.mkdir(parents=True)
        world = World(folder, name=name, clock=self.clock, first_id=first * 10**9)
        world.branch("main", world.commit((), {"app.py": b"one\n"}))
        return world

    def begin_anew(self, store: Store) -> None:
        """A service that was told of nothing, long after all that happened here."""
        self.store, self.queue, self.stop = store, Queue(store), threading.Event()
        self.clock.sleep(30 * 24 * HOUR)
        for world in (self.shop, self.annex, self.desk):
            world.state = "active"
            world.faults.clear()
            world.requests.clear()
            world.checks.clear()
            self.app.unsuspend(self.installation(world))
        self.app.webhook_url = None
        self.postman = Postman(self.app, self.shop)

    def installation(self, world: World) -> Installation:
        found = self.app.installed_on(world)
        assert found
        return found

    def pull(self, world: World | None = None) -> int:
        """The number of a new pull request, of which nobody is told."""
        world = world or self.shop
        head = world.commit(world.branches["main"], {f"{len(world.pulls)}.py": b"new\n"})
        return world.open_pull("main", head).number

    def head(self, number: int) -> str:
        return self.shop.pulls[number].head_sha

    def forge_of(self, _installation_id: int, _repository_id: int, name: str) -> Forge:
        return connect(name, self.access(BOT), self.clock)

    def access(self, token: str) -> Access:
        keys = (SecretStr("key"),)
        graphql = f"{self.url}/graphql"
        return Access(
            token=SecretStr(token), api_url=self.url, graphql_url=graphql, server_url=self.url, signing_keys=keys
        )

    @cached_property
    def ourselves(self) -> App:
        here = self.access(BOT).model_dump(exclude={"token"})
        return App(AppAccess(app_id=self.app.id, private_key=SecretStr(private_key()), **here), self.clock)

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.store, self.queue, Config(), self.ourselves, self.forge_of, self.stop, self.clock)

    def received(self, guid: str, number: int | None = None, head_sha: str | None = None) -> None:
        """A job as an event would have left it."""
        number = number or self.pull()
        delivery = Delivery(
            guid=guid, event="pull_request", action="opened", installation_id=self.installation(self.shop).id,
            repository_id=self.shop.repository.id, repository=SHOP, actor="ada",
            task=Review(number=number, head_sha=head_sha or self.head(number)),
        )  # fmt: skip
        assert receive(self.store, self.queue, delivery, Config())

    def ordered_to_forget(self, guid: str, repository_ids: tuple[int, ...] | None) -> None:
        """An order that came in now, by GitHub's clock."""
        delivery = Delivery(
            guid=guid, event="installation", action="deleted", installation_id=self.installation(self.shop).id,
            repository_id=None, repository=None, actor="ada", task=Forget(repository_ids=repository_ids),
        )  # fmt: skip
        assert receive(self.store, self.queue, delivery, Config())
        with self.store.begin() as connection:
            connection.execute(sa.update(JOBS).where(JOBS.c.id == guid).values(received=self.clock.now()))

    def reviewed(self, job_id: str, number: int, state: str, *, minutes: float = 31.0) -> str:
        """A review that began so many minutes ago, and the check run that it left open; the key of both."""
        key, started = f"key of {job_id}", time.time() - 60 * minutes
        self.forge_of(0, 0, SHOP).put_check(running(self.head(number), key), None)
        with self.store.begin() as connection:
            connection.execute(
                sa.insert(REVIEWS).values(
                    id=f"review of {job_id}", job_id=job_id, key=key, installation_id=self.installation(self.shop).id,
                    repository_id=self.shop.repository.id, repository=SHOP, number=number, state=state,
                    head_sha=self.head(number), started=started, ended=None if state == "running" else started + 1,
                )
            )  # fmt: skip
            where = (self.installation(self.shop).id, self.shop.repository.id, SHOP)
            note_open(connection, self.store, OpenCheck(f"review of {job_id}", self.head(number), key, *where))
            opened = sa.update(CHECKS).where(CHECKS.c.key == key)
            connection.execute(opened.values(opened=started))
        return key

    def died(self, job_id: str) -> None:
        """A job that failed in the middle of its review."""
        number = self.pull()
        self.received(job_id, number)
        self.reviewed(job_id, number, "running")
        self.set_state(job_id, "failed")

    @property
    def ended_sweep(self) -> bool:
        """Whether a sweep has looked at everything."""
        with self.store.look() as connection:
            return bool(connection.scalar(sa.select(SWEEPS.c.done)))

    def jobs(self) -> list[str]:
        with self.store.look() as connection:
            return list(connection.scalars(sa.select(JOBS.c.id).order_by(JOBS.c.seq)))

    def review_states(self) -> list[str]:
        with self.store.look() as connection:
            return list(connection.scalars(sa.select(REVIEWS.c.state)))

    def set_state(self, job_id: str, state: str) -> None:
        with self.store.begin() as connection:
            ended = time.time() if state in {"done", "superseded", "failed"} else None
            connection.execute(sa.update(JOBS).where(JOBS.c.id == job_id).values(state=state, ended=ended))

    def asked(self, part: str) -> int:
        """How many requests GitHub had whose path holds this."""
        return sum(part in request.path for world in (self.shop, self.annex, self.desk) for request in world.requests)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One for all tests here: what makes a town slow is its building."""
    town = Town(tmp_path_factory.mktemp("town"))
    with HubServer(town.shop, others=(town.annex, town.desk)) as hub:
        town.url = hub.url
        yield town
        assert hub.violations == []


@pytest.fixture
def town(standing: Town, store: Store) -> Town:
    standing.begin_anew(store)
    return standing


# deliveries


def test_every_event_that_did_not_reach_us_is_taken_once_in_its_order(town: Town) -> None:
    numbers = [town.pull() for _ in range(6)]
    sent = [town.postman.opened(number) for number in numbers]
    assert {attempt.status_code for attempt in sent} == {0}
    swept = sweep_once(town.sweep, FIRST)
    assert (swept.deliveries, swept.pulls, swept.failed) == (6, 0, ())
    assert town.jobs() == [attempt.guid for attempt in sent]
    assert sweep_once(town.sweep, FIRST)[:2] == (0, 0)


def test_an_event_that_arrived_at_some_attempt_or_asks_for_nothing_is_left_alone(town: Town) -> None:
    first = town.postman.commented(town.pull(), "/reviewbot help")
    with Mailbox() as mailbox:
        town.app.webhook_url = mailbox.url
        second = town.postman.send("issue_comment", first.event.payload, guid=first.guid)
        mailbox.status = 500
        town.postman.pinged()
    assert (first.status_code, second.status_code) == (0, 202)
    assert sweep_once(town.sweep, FIRST).deliveries == 0
    assert town.asked("/app/hook/deliveries/") == 0, "from the list alone it is clear"
    town.postman.commented(town.pull(), "Thank you.")
    assert sweep_once(town.sweep, FIRST).deliveries == 0
    assert town.asked("/app/hook/deliveries/") == 1


def test_an_event_whose_answer_was_lost_on_the_way_is_known(town: Town) -> None:
    number = town.pull()
    town.received(town.postman.opened(number).guid, number)
    assert sweep_once(town.sweep, FIRST).deliveries == 0
    assert town.asked("/app/hook/deliveries/") == 0


def test_what_happened_before_the_time_it_looks_at_is_left_alone(town: Town) -> None:
    town.postman.opened(town.pull())
    town.clock.sleep(2 * HOUR)
    assert sweep_once(town.sweep, HOUR)[:2] == (0, 0)
    assert sweep_once(town.sweep, 3 * HOUR)[:2] == (1, 0)


def test_a_delivery_that_is_gone_meanwhile_does_not_keep_it_from_the_next(town: Town) -> None:
    town.postman.opened(town.pull())
    kept = town.postman.opened(town.pull())
    town.shop.faults.add("GET", r"/deliveries/\d+$", answer(not_found()))
    swept = sweep_once(town.sweep, FIRST)
    assert (swept.deliveries, [type(error) for error in swept.failed]) == (1, [NoAccess])
    assert kept.guid in town.jobs()


# pull requests


def test_a_pull_request_nobody_told_of_is_queued_once_for_each_head(town: Town) -> None:
    number, elsewhere = town.pull(), town.pull(town.desk)
    assert sweep_once(town.sweep, FIRST).pulls == 2
    assert sweep_once(town.sweep, FIRST).pulls == 0
    old = town.head(number)
    town.shop.push(number, town.shop.commit(old, {"more.py": b"more\n"}))
    assert sweep_once(town.sweep, FIRST).pulls == 1
    shop, desk = town.shop.repository.id, town.desk.repository.id
    names = {f"sweep:{shop}:{number}:{head}" for head in (old, town.head(number))}
    assert set(town.jobs()) == names | {f"sweep:{desk}:{elsewhere}:{town.desk.pulls[elsewhere].head_sha}"}


def test_old_pull_requests_are_not_reviewed_because_the_app_is_new(town: Town) -> None:
    town.pull()
    town.clock.sleep(HOUR)
    town.app.uninstall(town.installation(town.shop))
    town.app.install(town.shop, town.annex)
    assert sweep_once(town.sweep, FIRST).pulls == 0
    town.pull()
    assert sweep_once(town.sweep, FIRST).pulls == 1


def test_a_head_that_a_job_or_a_review_is_about_is_known_unless_another_took_its_place(town: Town) -> None:
    queued, reviewed = town.pull(), town.pull()
    town.received("one", queued)
    town.reviewed("two", reviewed, "posted")
    assert sweep_once(town.sweep, FIRST).pulls == 0
    town.set_state("one", "superseded")
    assert sweep_once(town.sweep, FIRST).pulls == 1, "its head came back"


def test_where_nothing_can_be_posted_nothing_is_looked_for(town: Town) -> None:
    town.pull()
    town.pull(town.desk)
    town.shop.state = "archived"
    town.app.suspend(town.installation(town.desk))
    swept = sweep_once(town.sweep, FIRST)
    assert (swept.pulls, swept.failed) == (0, ())
    assert town.asked(f"{SHOP}/pulls") + town.asked(f"{DESK}/pulls") == 0


def test_a_repository_that_is_closed_to_us_does_not_keep_it_from_the_next(town: Town) -> None:
    both = (town.shop, town.annex)
    for refusing, world in (both, reversed(both)):
        town.pull(world)
        refusing.faults.add("GET", r"/pulls$", answer(Rejection(451, "Repository access blocked")))
        swept = sweep_once(town.sweep, FIRST)
        assert (swept.pulls, [type(error) for error in swept.failed]) == (1, [NoAccess])


def test_what_one_installation_refuses_does_not_keep_it_from_the_others(town: Town) -> None:
    worlds = (town.shop, town.desk)
    for refusing, world in (worlds, reversed(worlds)):
        town.pull(world)
        refusing.state = "suspended"
        swept = sweep_once(town.sweep, FIRST)
        assert swept.pulls == 1
        assert [type(error) for error in swept.failed] == [NoAccess]
        assert swept.whole, "asking again in an hour would not help"
        refusing.state = "active"
    town.shop.faults.add("GET", r"/pulls$", fail(), times=float("inf"))
    swept = sweep_once(town.sweep, FIRST)
    assert [type(error) for error in swept.failed] == [Unreachable]
    assert not swept.whole


def test_a_repository_of_an_odd_name_keeps_it_from_no_other_thing(town: Town) -> None:
    for world in (town.shop, town.annex, town.desk):
        town.pull(world)
    town.shop.repository = town.shop.repository._replace(name="octo./shop")
    try:
        swept = sweep_once(town.sweep, FIRST)
    finally:
        town.shop.repository = town.shop.repository._replace(name=SHOP)
    assert (swept.pulls, [type(error) for error in swept.failed], swept.whole) == (2, [BadInput], True)


def test_a_fault_at_one_repository_keeps_it_from_no_other_but_a_limit_ends_the_installations_turn(town: Town) -> None:
    for world in (town.shop, town.annex, town.desk):
        town.pull(world)
    town.shop.faults.add("GET", f"{SHOP}/pulls$", fail(), times=float("inf"))
    swept = sweep_once(town.sweep, FIRST)
    assert (swept.pulls, [type(error) for error in swept.failed]) == (2, [Unreachable])
    town.pull(town.annex)
    town.shop.faults.clear()
    town.shop.faults.add("GET", f"{SHOP}/pulls$", answer(secondary_limit(retry_after=3_600)), times=float("inf"))
    swept = sweep_once(town.sweep, FIRST)
    assert (swept.pulls, [type(error) for error in swept.failed]) == (0, [Limited])


# what was forgotten


@pytest.mark.parametrize("repositories", [True, False], ids=["the repository", "the installation"])
def test_what_is_older_than_an_order_to_forget_it_is_not_brought_back(town: Town, *, repositories: bool) -> None:
    town.postman.opened(town.pull())
    town.pull(town.desk)
    town.clock.sleep(60)
    ids = (town.shop.repository.id,) if repositories else None
    town.ordered_to_forget("order", ids)
    assert sweep_once(town.sweep, FIRST)[:2] == (0, 1)
    town.clock.sleep(60)
    lost, unseen = town.postman.opened(town.pull()).guid, town.pull()
    assert sweep_once(town.sweep, FIRST)[:2] == (1, 1)
    assert {lost, f"sweep:{town.shop.repository.id}:{unseen}:{town.head(unseen)}"} < set(town.jobs())


def test_what_was_taken_back_and_given_again_while_we_heard_nothing_is_brought_in_its_order(town: Town) -> None:
    town.postman.opened(town.pull())
    order = town.postman.removed().guid
    town.installation(town.annex).worlds.insert(0, town.shop)
    after = town.postman.opened(town.pull()).guid
    sweep_once(town.sweep, FIRST)
    assert town.jobs()[1:3] == [order, after]


# check runs


def test_a_check_run_whose_review_died_is_ended_and_says_so(town: Town) -> None:
    town.died("one")
    assert sweep_once(town.sweep, FIRST).checks == 1
    (check,) = town.shop.checks.values()
    assert (check.status, check.conclusion) == ("completed", "neutral")
    assert "timed out" in (check.title or "")
    assert town.review_states() == ["failed"]
    assert sweep_once(town.sweep, FIRST).checks == 0


def test_a_review_that_goes_on_or_began_lately_keeps_its_check_run(town: Town) -> None:
    for state in ("waiting", "running", "parked"):
        number = town.pull()
        town.received(state, number)
        town.reviewed(state, number, "running", minutes=300)
        town.set_state(state, state)
    town.reviewed("gone", town.pull(), "running", minutes=9)
    assert sweep_once(town.sweep, FIRST).checks == 0
    assert town.review_states() == ["running"] * 4


def test_a_review_that_ended_without_ending_its_check_run_is_seen_to(town: Town) -> None:
    for state in ("failed", "superseded"):
        number = town.pull()
        town.received(state, number)
        town.reviewed(state, number, state)
        town.set_state(state, "done")
    assert sweep_once(town.sweep, FIRST).checks == 2
    assert {check.status for check in town.shop.checks.values()} == {"completed"}
    assert town.review_states() == ["failed", "superseded"]


def test_a_check_run_of_an_earlier_head_is_ended_while_its_review_goes_on_with_another(town: Town) -> None:
    number = town.pull()
    town.received("one", number)
    town.reviewed("one", number, "running")
    with town.store.begin() as connection:
        connection.execute(sa.update(REVIEWS).values(key="the key of another head"))
    assert sweep_once(town.sweep, FIRST).checks == 1
    (check,) = town.shop.checks.values()
    assert (check.status, "superseded" in (check.title or "")) == ("completed", True)
    assert town.review_states() == ["running"]


def test_a_check_run_that_a_later_job_has_taken_up_is_left_to_it(town: Town) -> None:
    number = town.pull()
    for name, state in (("one", "failed"), ("two", "running")):
        town.received(name, number)
        town.reviewed(name, number, state)
        town.set_state(name, "done" if state == "failed" else state)
    with town.store.begin() as connection:
        for table in (REVIEWS, CHECKS):
            connection.execute(sa.update(table).values(key="key"))
    assert sweep_once(town.sweep, FIRST).checks == 0
    assert {check.status for check in town.shop.checks.values()} == {"in_progress"}


def test_a_check_run_is_ended_later_where_it_cannot_be_now_and_given_up_where_it_never_can(town: Town) -> None:
    town.died("one")
    town.shop.faults.add("PATCH", r"/check-runs/", fail())
    assert not sweep_once(town.sweep, FIRST).whole
    assert town.review_states() == ["running"]
    town.shop.state = "suspended"
    swept = sweep_once(town.sweep, FIRST)
    assert swept.checks == 0
    assert {type(error) for error in swept.failed} == {NoAccess}
    assert town.review_states() == ["failed"]


# turns


def test_of_several_workers_one_gets_the_turn(each_store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(lambda _: take_turn(each_store), range(16)))
    assert sum(turn is not None for turn in turns) == 1
    assert take_turn(each_store, apart=0.0)


def test_a_sweep_looks_back_to_the_last_whole_one_and_an_hour_more(store: Store) -> None:
    first = take_turn(store)
    assert first
    assert first.back == FIRST
    second = take_turn(store, apart=0.0)
    assert second
    assert second.back == FIRST, "the first was not finished"
    end_turn(store, second)
    with store.begin() as connection:
        connection.execute(sa.update(SWEEPS).values(done=SWEEPS.c.done - 5 * HOUR))
    third = take_turn(store, apart=0.0)
    assert third
    assert third.back == pytest.approx(5 * HOUR + OVERLAP, abs=60)
    with store.begin() as connection:
        connection.execute(sa.update(SWEEPS).values(done=SWEEPS.c.done - 100 * 24 * HOUR))
    last = take_turn(store, apart=0.0)
    assert last
    assert last.back == LONGEST


def test_a_worker_sweeps_when_it_starts_and_ends_when_it_is_asked_to(town: Town) -> None:
    town.received("old")
    with town.store.begin() as connection:
        connection.execute(sa.update(JOBS).values(received=0.0, state="done", ended=0.0))
    sweep_until(town, lambda: town.ended_sweep)
    assert [job_id.partition(":")[0] for job_id in town.jobs()] == ["sweep"], "and what is too old is deleted"


def test_a_sweep_that_could_not_look_everywhere_does_not_count_as_whole(town: Town) -> None:
    town.received("old")
    with town.store.begin() as connection:
        connection.execute(sa.update(JOBS).values(received=0.0, state="done", ended=0.0))
    town.shop.faults.add("GET", r"/installations$", fail(), times=float("inf"))
    sweep_until(town, lambda: not town.jobs())
    assert not town.ended_sweep


def test_a_worker_that_ends_leaves_the_rest_of_its_sweep_to_the_next(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one", "two"):
        town.died(name)

    def forge_of(*where: Any) -> Forge:
        town.stop.set()
        return town.forge_of(*where)

    sweeping(town.sweep._replace(forge_of=forge_of))
    assert sorted(town.review_states()) == ["failed", "running"]
    assert not town.ended_sweep
    assert caplog.records == [], "to be asked to end is no failure"


def test_a_bug_is_logged_and_the_next_sweep_is_made(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOKS", 0.01)
    monkeypatch.setattr(module, "APART", 0.0)
    met = []

    def forge_of(*_: object) -> Forge:
        met.append(1)
        if len(met) == 2:
            town.stop.set()
        raise KeyError("a bug")

    town.died("one")
    hurried = Clock(now=town.clock.now, sleep=lambda _: None)
    sweeping(town.sweep._replace(forge_of=forge_of, clock=hurried))
    assert len(met) == 2
    assert [record.levelname for record in caplog.records if record.getMessage() == "the sweep failed"] == ["ERROR"] * 2


def sweep_until(town: Town, reached: Callable[[], bool]) -> None:
    """Let a worker sweep until that is so, then ask it to end."""
    thread = threading.Thread(target=sweeping, args=(town.sweep,))
    thread.start()
    until = time.monotonic() + 5
    while not reached() and time.monotonic() < until:
        time.sleep(0.01)
    town.stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert reached()


def test_a_clock_that_is_put_back_keeps_nobody_from_sweeping(store: Store) -> None:
    with store.begin() as connection:
        ahead = now(store) + HOUR
        connection.execute(sa.insert(SWEEPS).values(id=1, begun=ahead, done=ahead))
    turn = take_turn(store)
    assert turn
    assert turn.back == OVERLAP


def test_an_app_that_github_does_not_know_has_swept_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing is skipped once its id or its key is mended."""
    monkeypatch.setattr(town.app, "id", town.app.id + 1)
    with pytest.raises(NoAccess):
        sweep_once(town.sweep, FIRST)
