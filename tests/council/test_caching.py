"""When a prefix is kept for the next question, and that a cache nobody read is said."""

from contextlib import nullcontext
from typing import Literal

import pytest

from reviewbot.change import Change, Diff, File, Hunk
from reviewbot.council import Brief, Invited, Member, Review, Seat, Usage
from reviewbot.council.caching import SURE, WORTH_WAITING, is_kept, unread
from reviewbot.council.model import Caching, Made


def brief(tokens: int) -> Brief:
    """With a prefix of about so many tokens."""
    body = tuple(f"+{n:0>94}" for n in range(tokens * SURE // 100))
    change = Change(
        diff=Diff(
            files=(
                File(path="a.py", old_path=None, status="added", hunks=(Hunk(old_start=0, new_start=1, body=body),)),
            )
        )
    )
    return Brief(change=change, rules="", schema={}, key="k", max_output_tokens=1_000, seconds=5.0)


def member(caching: Caching | None) -> Invited:
    return Invited(member=Member(name="a/m", family="a"), connect=lambda: nullcontext(None), caching=caching)


@pytest.mark.parametrize(
    ("ready", "tokens", "questions", "kept"),
    [
        ("begun", 1_200, 3, True),
        ("begun", 900, 3, False),
        ("begun", 1_200, 1, False),
        ("ended", 1_200, 3, False),
        ("ended", WORTH_WAITING + 200, 3, True),
    ],
)
def test_a_prefix_is_kept_where_it_is_large_enough_and_read_again(
    ready: Literal["begun", "ended"], tokens: int, questions: int, *, kept: bool
) -> None:
    one, invited = brief(tokens), member(Caching(1_024, ready))
    assert is_kept(one, one.parts(invited)[0], invited, questions=questions) is kept


def test_nothing_is_kept_where_nothing_is_known_of_a_cache() -> None:
    one = brief(50_000)
    assert not is_kept(one, one.parts(member(None))[0], member(None), questions=3)


def review(lens: str, usage: Usage, *, marked: bool = True) -> Review:
    seat = Seat(member=Member(name="a/m", family="a"), lens=lens)
    return Review(seat=seat, state="ok", usage=usage, calls=(Made(outcome="ok", usage=usage, marked=marked),))


WRITES = Usage(cache_written=1_300, output=5)
PAYS_AGAIN = Usage(cache_written=1_300, input=100, output=5)


@pytest.mark.parametrize(
    ("second", "promised", "said"),
    [
        (PAYS_AGAIN, True, ["a/m read nothing from its cache: 1,400 tokens were paid again."]),
        (Usage(cached=1_300, input=100, output=5), True, []),
        (PAYS_AGAIN, False, []),
        (Usage(), True, []),
    ],
)
def test_a_second_question_that_reads_nothing_is_said(second: Usage, *, promised: bool, said: list[str]) -> None:
    invited = member(Caching(1_024, "begun", promised=promised))
    assert list(unread(invited, [review("one", WRITES), review("two", second)])) == said
    assert list(unread(invited, [review("one", Usage()), review("two", second)])) == [], "the first wrote nothing"
    pieces = [review("one", WRITES, marked=False), review("two", second, marked=False)]
    assert list(unread(invited, pieces)) == [], "it was never to be kept"
