"""One budget for a whole evaluation, whoever of its runs spends it."""

from concurrent.futures import ThreadPoolExecutor

from reviewbot.council.budget import NoRoom
from reviewbot.council.prices import Cost
from reviewbot.evals.purse import Purse
from reviewbot.settings import Budget


def test_what_is_held_and_what_was_spent_leave_no_room_for_more():
    purse = Purse(Budget(usd=1.0))
    held = purse.reserve("a/b", Cost(10, 0.6))
    assert isinstance(held, str)
    no = purse.reserve("a/b", Cost(10, 0.6))
    assert isinstance(no, NoRoom)
    assert no.may_pass
    assert "of the budget of this evaluation" in no.why
    purse.settle(held, Cost(10, 0.5))
    no = purse.reserve("a/b", Cost(10, 0.6))
    assert isinstance(no, NoRoom)
    assert not no.may_pass
    assert purse.left() == Budget(usd=0.5)


def test_many_runs_at_once_never_pass_the_budget():
    purse = Purse(Budget(tokens=100))
    with ThreadPoolExecutor(8) as pool:
        entries = [*pool.map(lambda _: purse.reserve("a/b", Cost(7, None)), range(100))]
    held = [entry for entry in entries if isinstance(entry, str)]
    assert len(held) == 14
    assert len(set(held)) == 14
    assert purse.left() == Budget(tokens=2)
