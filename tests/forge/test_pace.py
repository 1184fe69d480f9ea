import itertools

import pytest
from hub.hand_clock import hand_clock
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.forge.limits import WRITES
from reviewbot.forge.pace import OwnPace, Pace


@pytest.fixture
def clock():
    return hand_clock()


@pytest.fixture
def pace(clock) -> Pace:
    return OwnPace(clock)


def test_the_first_is_sent_at_once_and_the_second_write_a_second_later(pace):
    assert pace.turn(write=True, most=60.0) == 0.0
    assert pace.turn(write=True, most=60.0) == 1.0
    assert pace.turn(write=True, most=60.0) == 2.0


def test_reads_do_not_wait_for_writes(pace):
    pace.turn(write=True, most=60.0)
    assert pace.turn(write=False, most=60.0) == 0.0


def test_a_turn_that_is_too_late_is_not_taken(pace):
    pace.turn(write=True, most=60.0)
    assert pace.turn(write=True, most=0.5) == 1.0
    assert pace.turn(write=True, most=0.5) == 1.0


def test_silence_is_for_reads_and_writes_and_the_longest_counts(pace, clock):
    pace.hold(60.0)
    pace.hold(10.0)
    assert pace.turn(write=False, most=5.0) == 60.0
    clock.sleep(45.0)
    assert pace.turn(write=True, most=60.0) == 15.0
    clock.sleep(20.0)
    assert pace.turn(write=False, most=60.0) == 0.0


@given(st.lists(st.one_of(st.floats(0, 90), st.just(0.0)), max_size=200))
def test_whoever_sends_in_his_turn_keeps_githubs_rates(gaps):
    """THREATS G08."""
    clock = hand_clock(0.0)
    pace, sent = OwnPace(clock), []
    for gap in gaps:
        clock.sleep(gap)
        if (pause := pace.turn(write=True, most=120.0)) <= 120.0:
            clock.sleep(pause)
            sent.append(clock.now())
    for count, span in WRITES:
        ends = zip(sent, itertools.islice(sent, count, None), strict=False)
        assert all(later - earlier >= span - 1e-6 for earlier, later in ends)
