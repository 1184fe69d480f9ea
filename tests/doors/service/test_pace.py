"""The pace of an installation: all its workers together write no faster than GitHub takes (THREATS G08, G09)."""

import itertools
import threading
from collections.abc import Callable

import pytest
from received import enrol

from reviewbot.doors.service.pace import SHARE, SharedPace
from reviewbot.doors.service.store import Store
from reviewbot.doors.service.workers import Fenced, Lease, Pulse
from reviewbot.forge.clock import Clock
from reviewbot.forge.limits import READS, WRITES
from reviewbot.forge.pace import Pace

NEXT = itertools.count(1_000)
HOURS = 1e6


class Hours:
    """A clock whose hours pass at once."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep)


Opened = Callable[..., SharedPace]


@pytest.fixture
def installation() -> int:
    """Another one for each test: what a process has read is remembered."""
    return next(NEXT)


def opened(store: Store, installation: int, hours: Hours) -> SharedPace:
    return SharedPace(store, installation, Lease("w1", Pulse()), hours.clock)


def test_writes_of_two_workers_keep_the_rates_together(store: Store, installation: int) -> None:
    hours = Hours()
    paces: list[Pace] = [opened(store, installation, hours) for _ in range(2)]
    sent = []
    for number in range(401):
        assert paces[number % 2].turn(write=True, most=HOURS) == 0
        sent.append(hours.time)
    for count, span in WRITES:
        assert all(later - first > span - 0.5 for first, later in zip(sent, sent[count:], strict=False))
    assert sent[-2] < 410
    assert sent[-1] == pytest.approx(3_600, abs=5)


def test_threads_that_write_at_once_get_turns_a_second_apart(each_store: Store) -> None:
    hours, pauses = Hours(), []
    paces = [SharedPace(each_store, 1, Lease("w1", Pulse()), Clock(lambda: 0.0, pauses.append)) for _ in range(8)]
    threads = [threading.Thread(target=pace.turn, kwargs={"write": True, "most": 60}) for pace in paces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hours.time == 0
    assert len(pauses) == 7
    assert all(later - first > 0.9 for first, later in itertools.pairwise(sorted(pauses)))


def test_a_turn_that_nobody_has_the_time_for_is_not_taken(store: Store, installation: int) -> None:
    hours = Hours()
    pace = opened(store, installation, hours)
    pace.turn(write=True, most=0)
    assert pace.turn(write=True, most=0.5) == pytest.approx(1, abs=0.5)
    assert pace.turn(write=True, most=0.5) == pytest.approx(1, abs=0.5)
    assert hours.slept == []


@pytest.mark.parametrize("write", [True, False])
def test_silence_is_for_everybody_of_the_installation(store: Store, installation: int, *, write: bool) -> None:
    hours = Hours()
    one, two, other = (opened(store, number, hours) for number in (installation, installation, next(NEXT)))
    one.hold(90)
    one.hold(60)
    assert two.turn(write=write, most=10) == pytest.approx(90, abs=1)
    assert other.turn(write=write, most=10) == 0
    assert two.turn(write=write, most=100) == 0
    assert hours.time == pytest.approx(90, abs=1)


def test_silence_that_comes_while_a_turn_is_waited_for_is_kept_too(store: Store, installation: int) -> None:
    hours = Hours()
    other = opened(store, installation, hours)

    def sleep(seconds: float) -> None:
        if not hours.slept:
            other.hold(60)
        hours.sleep(seconds)

    pace = SharedPace(store, installation, Lease("w1", Pulse()), Clock(lambda: hours.time, sleep))
    assert pace.turn(write=True, most=100) == 0
    assert hours.time == 0
    assert pace.turn(write=True, most=100) == 0
    assert hours.time == pytest.approx(60, abs=1)


@pytest.mark.parametrize("write", [True, False])
def test_a_clock_that_is_put_back_silences_nobody(store: Store, installation: int, *, write: bool) -> None:
    """What was sent, and asked for, in the hour that comes again is not waited for; what is asked for now is."""
    hours = Hours()
    ahead, back = opened(store, installation, hours), opened(store, installation, Hours())
    ahead.turn(write=write, most=0)
    hours.time = 5_400.0
    for _ in range(3 if write else SHARE[0][0]):
        ahead.turn(write=write, most=10)
    ahead.hold(3_600)
    assert back.turn(write=write, most=5) == 0
    back.hold(90)
    assert back.turn(write=write, most=5) == pytest.approx(90, abs=1)


def test_an_hour_of_silence_is_kept_and_no_more_at_a_time(store: Store, installation: int) -> None:
    pace = opened(store, installation, Hours())
    pace.hold(86_400)
    assert pace.turn(write=True, most=0) == pytest.approx(3_600, abs=1)


def test_reads_are_paced_by_the_process_and_cost_no_writes(store: Store, installation: int) -> None:
    hours = Hours()
    paces = [opened(store, installation, hours) for _ in range(2)]
    [(count, span)] = SHARE
    assert (count * 2, span) == READS[0]
    for number in range(count):
        assert paces[number % 2].turn(write=False, most=0) == 0
    assert paces[0].turn(write=False, most=0) == pytest.approx(span, abs=1)
    assert paces[1].turn(write=True, most=0) == 0


def test_a_fenced_worker_sends_nothing_also_after_a_pause(store: Store, installation: int) -> None:
    enrol(store, "w1")
    lease, hours = Lease("w1", Pulse()), Hours()

    def sleep(seconds: float) -> None:
        hours.sleep(seconds)
        lease.lost.set()

    pace = SharedPace(store, installation, lease, Clock(lambda: hours.time, sleep))
    assert pace.turn(write=True, most=60) == 0
    with pytest.raises(Fenced):
        pace.turn(write=True, most=60)
    assert pace.turn(write=False, most=60) == 0
