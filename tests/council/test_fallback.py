"""Who is asked when members have answered nothing."""

from contextlib import nullcontext

from reviewbot.council import Invited, Lens, Member, Plan, Review, Seat
from reviewbot.council.fallback import able, replaced
from reviewbot.council.model import State
from reviewbot.council.plan import Sitting

LENS = Lens(name="one", title="one", categories=(), text="Look.")


def member(name: str, *, reads: bool = True) -> Invited:
    return Invited(
        member=Member(name=name, family=name.partition("/")[0]), connect=lambda: nullcontext(None), reads_prompts=reads
    )


A, B, SPARE, RULES = member("a/m"), member("b/m"), member("a/other"), member("rules/builtin", reads=False)


def plan(*sitting: Invited, instead: tuple[Invited, ...] = ()) -> Plan:
    sittings = tuple(Sitting(invited=invited, lenses=(LENS,)) for invited in sitting)
    return Plan(sittings=sittings, challenge="one", challengers=(A, B), spare=(SPARE,), instead=instead)


def ended(name: str, state: State) -> Review:
    return Review(seat=Seat(member=Member(name=name, family=name.partition("/")[0]), lens="one"), state=state)


def test_who_answered_no_lens_is_not_asked_to_refute_and_a_family_that_is_left_has_its_other_model_asked() -> None:
    one = able(plan(A, B), [ended("a/m", "ok"), ended("b/m", "refused"), ended("b/m", "truncated")])
    assert one.challengers == (A, B)
    one = able(plan(A, B), [ended("a/m", "partial"), ended("b/m", "unavailable")])
    assert (one.challengers, one.challenge) == ((SPARE, A), "one")
    nobody = able(plan(A, B), [ended(name, "refused") for name in ("a/m", "b/m", "a/other")])
    assert (nobody.challengers, nobody.challenge) == ((), "none")


def test_the_next_is_asked_where_the_one_model_did_not_answer() -> None:
    other = replaced(plan(RULES, A, instead=(B, SPARE)), [ended("rules/builtin", "ok"), ended("a/m", "unavailable")])
    assert other is not None
    assert [sitting.invited for sitting in other.sittings] == [RULES, B]
    assert other.instead == (SPARE,)
    assert replaced(plan(A), [ended("a/m", "unavailable")]) is None
    for state in ("ok", "truncated", "over_budget"):
        assert replaced(plan(A, instead=(B,)), [ended("a/m", state)]) is None  # type: ignore[arg-type]
