"""What may be open on GitHub though nobody is at work; `test_sweep` has the cases (THREATS G28)."""

import sqlalchemy as sa

from reviewbot.doors.service.checks import STUCK, TIMED_OUT, OpenCheck, give_up, left_open, note_closed, note_open
from reviewbot.doors.service.store import CHECKS, Store

CHECK = OpenCheck("r1", "a" * 40, "key", 1, 5, "octo/shop")


def opened(store: Store, *, ago: float) -> None:
    with store.begin() as connection:
        note_open(connection, store, CHECK)
        connection.execute(sa.update(CHECKS).values(opened=CHECKS.c.opened - ago))


def test_one_is_left_open_when_its_time_is_over_until_it_is_opened_anew_or_closed(each_store: Store) -> None:
    opened(each_store, ago=STUCK - 60)
    assert left_open(each_store) == ()
    opened(each_store, ago=STUCK + 1)
    assert left_open(each_store) == ((CHECK, TIMED_OUT),)
    with each_store.begin() as connection:
        note_open(connection, each_store, CHECK)
    assert left_open(each_store) == ()
    with each_store.begin() as connection:
        note_closed(connection, *CHECK[:3])
        assert connection.execute(sa.select(CHECKS)).all() == []


def test_one_that_was_opened_anew_meanwhile_is_not_given_up(store: Store) -> None:
    opened(store, ago=0)
    give_up(store, CHECK)
    opened(store, ago=STUCK + 1)
    assert len(left_open(store)) == 1
    give_up(store, CHECK)
    assert left_open(store) == ()
