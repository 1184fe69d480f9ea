"""The second hearing: who is asked about what, behind the same prefix, and how each challenge ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asking import seated
from findings.samples import PATH, alone, diff, everybody, file, finding
from stand_in import Answer, Failure, StandIn

from reviewbot.change import Change
from reviewbot.council import Ask, Brief, Call, Hearing, Invited, Ledger, Member, Plan, Reply, Review, Seat, Usage
from reviewbot.council.challenge import challenge, sheets_of, told_of
from reviewbot.council.claims import claims_of
from reviewbot.council.model import CHALLENGE, State
from reviewbot.errors import BadSettings
from reviewbot.findings import Finding, Ranked, rank
from reviewbot.findings.model import Verdict
from reviewbot.settings import Budget, Comments

CHANGE = diff(
    file(["+def refund(order_id):", "+    order = load_order(order_id)", "+    pay(order.total)"]),
    file(["+" + f"value_{n} = compute({n})" for n in range(40)], path="shop/late.py", start=500),
)
FOUND = (
    finding("No owner check", line=2, quote="    order = load_order(order_id)"),
    finding("Paid twice", family="openai", line=3, quote="    pay(order.total)"),
)
Behaviour = Callable[[Call], Awaitable[Reply]]


def member(name: str, ask: Behaviour, **facts: Any) -> Invited:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Ask]:
        yield ask

    return Invited(member=Member(name=name, family=name.partition("/")[0]), connect=connect, **facts)


def names_in(call: Call) -> list[str]:
    return call.question.rsplit("Verdicts for: ", 1)[1].split(", ")


def verdicts(names: list[str], **more: object) -> str:
    plain = {"verdict": "upheld", "quote": "pay(order.total)", "because": "It stands.", "importance": 80, "same_as": []}
    return json.dumps({"findings": [], "could_not_judge": [], "verdicts": [{"claim": n} | plain | more for n in names]})


async def obliging(call: Call) -> Reply:
    return Reply(outcome="ok", text=verdicts(names_in(call)), usage=Usage(input=10, output=5))


def ranked(*findings: Finding) -> tuple[Ranked, ...]:
    return rank(alone(*(findings or FOUND)), asked=everybody(), comments=Comments())


def hearing(seen: list[tuple[Seat, Review | None]] | None = None, **facts: Any) -> Hearing:
    values: dict[str, Any] = {
        "change": Change(diff=CHANGE), "rules": "The rules.", "schema": {}, "key": "0f" * 16,
        "max_output_tokens": 1_000, "seconds": 60.0, "call_seconds": 60.0,
    }  # fmt: skip
    progress = (lambda seat, review: seen.append((seat, review))) if seen is not None else lambda *_: None
    brief = Brief(**values | facts)
    return Hearing(brief=brief, ledger=Ledger(Budget()), progress=progress, deadline=time.monotonic() + 60)


def plan(*challengers: Invited, word: str = "one", most: int = 12) -> Plan:
    return Plan(sittings=(), challenge=word, challengers=challengers, challenged=most)  # type: ignore[arg-type]


async def test_each_problem_is_put_to_the_family_that_did_not_raise_it() -> None:
    calls: list[Call] = []

    async def ask(call: Call) -> Reply:
        calls.append(call)
        return await obliging(call)

    seen: list[tuple[Seat, Review | None]] = []
    council = (member("anthropic/model", ask), member("openai/model", ask))
    reviews = await challenge(ranked(), plan(*council), hearing(seen))
    assert [(review.seat.member.family, review.state, len(review.verdicts)) for review in reviews] == [
        ("anthropic", "ok", 1), ("openai", "ok", 1),
    ]  # fmt: skip
    by_family = {review.verdicts[0].by: review.verdicts[0].about for review in reviews}
    raised = {row.raised_by[0]: row.id for row in ranked()}
    assert by_family == {"anthropic": raised["openai"], "openai": raised["anthropic"]}
    assert {(seat.lens, review is None) for seat, review in seen} == {(CHALLENGE, True), (CHALLENGE, False)}
    assert all(review.usage.input == 10 and review.calls and review.raw for review in reviews)
    assert {call.lens for call in calls} == {CHALLENGE}


async def test_nobody_is_asked_where_the_plan_has_no_challenge_or_nothing_was_found() -> None:
    assert await challenge(ranked(), plan(member("google/m", obliging), word="none"), hearing()) == ()
    assert await challenge((), plan(member("google/m", obliging)), hearing()) == ()
    assert await challenge(ranked(), plan(), hearing()) == ()
    assert await challenge(ranked(), plan(member("google/m", obliging), most=0), hearing()) == ()


@pytest.mark.parametrize(
    ("reply", "state", "detail", "kept"),
    [
        (Reply(outcome="auth", detail="the key was refused"), "config_error", "the key was refused", 0),
        (Reply(outcome="refused", detail="it declined"), "refused", "it declined", 0),
        (Reply(outcome="ok", text='{"findings": []}'), "invalid", "verdicts: Field required", 0),
        (Reply(outcome="ok", text=verdicts(["c1"])), "partial", "no verdict on 1 of 2 claims", 1),
        (Reply(outcome="ok", text=verdicts(["c1", "c2"])), "ok", "", 2),
        (Reply(outcome="cut", text=verdicts(["c1", "c2"])[:-40]), "truncated", "no verdict on 1 of 2 claims", 1),
    ],
)
async def test_how_a_challenge_ended_is_said(reply: Reply, state: str, detail: str, kept: int) -> None:
    async def ask(_: Call) -> Reply:
        return reply

    (review,) = await challenge(ranked(), plan(member("google/model", ask)), hearing())
    assert (review.state, len(review.verdicts)) == (state, kept)
    assert detail in review.detail
    assert review.drafts == ()


async def test_a_challenger_that_cannot_be_reached_is_one_failed_challenge() -> None:
    @asynccontextmanager
    async def no_way() -> AsyncIterator[Ask]:
        raise BadSettings("google/model", "has no key", "set GEMINI_API_KEY")
        yield obliging

    lost = Invited(member=Member(name="google/model", family="google"), connect=no_way)
    found = (*FOUND, finding("By google", family="google", line=1, quote="def refund(order_id):"))
    reviews = await challenge(ranked(*found), plan(lost, member("openai/model", obliging), word="every"), hearing())
    assert [review.state for review in reviews] == ["config_error", "ok"]
    assert "set GEMINI_API_KEY" in reviews[0].detail


async def test_a_sheet_that_is_too_long_is_asked_in_pieces_and_nobody_asks_the_whole_again() -> None:
    shown: list[int] = []

    async def ask(call: Call) -> Reply:
        shown.append(call.shown.count("+value_"))
        if shown[-1] > 30:
            return Reply(outcome="too_long", detail="too long", usage=Usage(input=1))
        return await obliging(call)

    late = [finding(f"Late {n}", path="shop/late.py", line=500 + n, quote=f"value_{n} = compute({n})") for n in (1, 38)]
    council, under_way = plan(member("google/m", ask)), hearing()
    (review,) = await challenge(ranked(FOUND[0], *late), council, under_way)
    assert (review.state, len(review.verdicts), review.attempts) == ("ok", 3, len(shown))
    assert shown[0] == 40
    assert review.usage.input == 1 + 10 * (len(shown) - 1), "what was too long may have cost"
    shown.clear()
    (review,) = await challenge(ranked(FOUND[0]), council, under_way)
    assert (review.state, max(shown) < 40) == ("ok", True)


async def test_what_is_a_bug_of_ours_is_raised_as_it_is() -> None:
    async def broken(_: Call) -> Reply:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await challenge(ranked(), plan(member("google/model", broken)), hearing())


async def test_all_challengers_are_asked_at_once() -> None:
    together = asyncio.Barrier(2)

    async def ask(call: Call) -> Reply:
        async with asyncio.timeout(2), together:
            return await obliging(call)

    reviews = await challenge(ranked(), plan(member("a/m", ask), member("b/m", ask), word="every"), hearing())
    assert [review.state for review in reviews] == ["ok", "ok"]


def test_a_claim_is_asked_about_with_the_part_that_shows_its_code() -> None:
    brief = hearing(max_prompt_tokens=150, rules="r").brief
    parts = brief.parts(member("google/model", obliging))
    assert len(parts) > 1
    late = finding("Late", path="shop/late.py", line=538, quote="value_38 = compute(38)")
    elsewhere = finding("Unseen", path="not/shown.py", line=7)
    nowhere = finding("No line", line=None, path="not/shown.py")
    claims = claims_of(ranked(FOUND[0], late, elsewhere, nowhere), key="k", most=12)
    sheets = sheets_of(parts, claims, frozenset(claim.name for claim in claims))
    titles = [{claim.finding.draft.title for claim in sheet.claims} for sheet in sheets]
    assert titles == [{"No owner check", "No line"}, {"Late"}]
    assert [any(file.path == PATH for file in sheet.part.diff.files) for sheet in sheets] == [True, False]
    (only,) = (claim.name for claim in claims if claim.finding is late)
    assert [sheet.part.number for sheet in sheets_of(parts, claims, frozenset({only}))] == [sheets[1].part.number]
    assert sheets_of((), claims, frozenset({only})) == ()


async def test_a_window_that_holds_nothing_of_it_is_said() -> None:
    (review,) = await challenge(ranked(), plan(member("google/m", obliging)), hearing(held_back=(), most_parts=0))
    assert review.state == "config_error"
    assert "larger window" in review.detail


@pytest.mark.parametrize("vendor", ["anthropic", "google", "openai", "compatible"])
async def test_a_challenge_travels_behind_the_prefix_of_the_lenses(vendor: str) -> None:
    """Over HTTP through the vendor's own SDK: a limit is waited for, the answer is read, the beginning is the same."""
    with StandIn() as server:
        server.script(
            Failure(429, "slow down", headers={"retry-after": "0.01"}),
            Answer(verdicts(["c1", "c2"]), usage=Usage(input=3_000, cached=20, output=9)),
        )

        @asynccontextmanager
        async def connect() -> AsyncIterator[Ask]:
            async with seated(server, vendor) as ask:
                yield ask

        invited = Invited(member=Member(name=f"{vendor}/model", family="another"), connect=connect)
        asked = hearing(schema={"type": "object", "properties": {}, "required": [], "additionalProperties": False})
        (review,) = await challenge(ranked(), plan(invited), asked)
    (part,) = asked.brief.parts(invited)
    assert (review.state, review.attempts, len(review.verdicts)) == ("ok", 2, 2)
    sent = "\n".join(server.requests[-1].texts)
    assert sent.index("The rules.") < sent.index(part.shown) < sent.index("Question: which of these claims hold?")
    assert all(verdict.quote_stands for verdict in review.verdicts)


def heard_by(name: str, lens: str = CHALLENGE, state: State = "ok") -> Review:
    said = Verdict(about="a", by="a", member=name, verdict="upheld", because="so", importance=50)
    seat = Seat(member=Member(name=name, family=name.partition("/")[0]), lens=lens)
    return Review(seat=seat, state=state, verdicts=(said,) if lens == CHALLENGE else ())


@pytest.mark.parametrize(
    ("sat", "silent", "by", "note"),
    [
        (["a/one"], [], "a/two", "One family sat, so its findings were challenged by another model of the same family"),
        (
            ["a/one", "a/two"],
            [],
            "a/two",
            "One family sat, so its findings were challenged by another model of the same",
        ),
        (["a/one"], [], "a/one", "One family sat, so its findings were challenged by the same model: a/one."),
        (["a/one"], [], "b/one", "One family sat, so its findings were challenged by another family: b/one."),
        (["a/one"], ["b/one"], "a/one", "One family answered, so its findings were challenged by the same model"),
        (["a/one", "b/one"], [], "b/one", ""),
    ],
)
def test_a_person_is_told_when_only_one_family_was_there(sat: list[str], silent: list[str], by: str, note: str) -> None:
    lenses = [heard_by(name, "one") for name in sat] + [heard_by(name, "one", "unavailable") for name in silent]
    lenses.append(heard_by("rules/builtin", "one"))
    told = told_of([*lenses, heard_by(by)])
    assert "".join(told).startswith(note)
    assert bool(told) is bool(note)
    assert told_of(lenses) == ()
