"""The council hears a change: all lenses, and then what was found is put to somebody who is to refute it.

The record holds everything that was said. Nothing here prints or posts.
"""

import asyncio
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, NamedTuple

from reviewbot.change import Change
from reviewbot.change.context import PinnedTree
from reviewbot.council import Hearing, Invited, Progress, Review, Seat, ask_council
from reviewbot.council.agenda import Agenda, make_agenda
from reviewbot.council.budget import Account, Resumed, run_ledger, to_plan_with
from reviewbot.council.caching import unread
from reviewbot.council.challenge import challenge, told_of
from reviewbot.council.fallback import able, replaced
from reviewbot.council.prices import BYTES_PER_TOKEN
from reviewbot.council.reading import Reading, look_around, read_change
from reviewbot.council.savings import as_asked
from reviewbot.errors import ReviewbotError
from reviewbot.findings import Finding, is_rule
from reviewbot.findings.evidence import names_to_look_up, sighted
from reviewbot.findings.model import Prior
from reviewbot.pipeline.weighing import ranked, ranked_of, said
from reviewbot.record import RunRecord
from reviewbot.record.moves import judgements_of
from reviewbot.settings import Operator

LOOKING_AROUND: Final = 0.1
"""Of the council's time that finding code around the change may take."""
BEFORE_CHALLENGE: Final = 0.7
"""Of the council's time that the lenses may take where a challenge follows."""


def unwatched(_seat: Seat, _review: Review | None) -> None:
    """Progress that nobody looks at."""


async def hear(  # noqa: PLR0913  what a run is made of; the last four are its surroundings
    change: Change,
    settings: Operator,
    council: Sequence[Invited],
    progress: Progress = unwatched,
    resumed: Resumed | None = None,
    *,
    tree: PinnedTree | None = None,
    accounts: Sequence[Account] = (),
    priors: Sequence[Prior] = (),
) -> RunRecord:
    """Ask every seat about the change. The record keeps the change as it was shown, with its secrets redacted.

    `tree` is the repository at the head, for code around the change; `accounts` are shared with other runs. `priors`
    order what is reported and not what is challenged: there a member that nobody likes may still be right.
    """
    began, started = time.monotonic(), datetime.now(UTC)
    run = resumed or Resumed(id=secrets.token_hex(16))
    reading = read_change(change, settings)
    ledger = run_ledger(settings, change.policy, run, accounts)
    budget = settings.budget.within(change.policy.budget)
    agenda = make_agenda(reading, settings, council, to_plan_with(run, budget, ledger), with_tree=tree is not None)
    heard = _Heard(reading.change)
    if reading.change.diff.files:
        with _looked_at(tree):
            near = tree if agenda.plan.context_tokens and agenda.plan.models else None
            seen, notes = await _look_around(reading, agenda, near, seconds=LOOKING_AROUND * settings.seconds)
            hearing = Hearing(
                brief=agenda.brief(reading, seen, settings, key=run.id),
                ledger=ledger,
                progress=progress,
                deadline=began + settings.seconds,
            )
            heard = await _hold(agenda, hearing, notes, tree)
    record = RunRecord(
        id=run.id,
        version=version("reviewbot"),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 2),
        change=heard.change,
        files=len(change.diff.files) + len(change.unread),
        additions=change.diff.additions,
        deletions=change.diff.deletions,
        prompts=agenda.prompts(heard.change, heard.reviews),
        reviews=heard.reviews,
        not_covered=reading.gaps,
        whole=not reading.unread,
        budget=budget,
        spent=ledger.spent,
        stakes=reading.stakes,
        notes=heard.notes,
        sightings=heard.sightings,
        priors=tuple(priors),
    )
    return record.model_copy(update={"judged": judgements_of(ranked_of(record))})


class _Heard(NamedTuple):
    """What came of all questions."""

    change: Change
    reviews: tuple[Review, ...] = ()
    notes: tuple[str, ...] = ()
    sightings: dict[str, bool] = {}  # noqa: RUF012  a NamedTuple's default, which nobody changes


@contextmanager
def _looked_at(tree: PinnedTree | None) -> Iterator[None]:
    """Looks end with the run: nobody can cancel a thread, and `asyncio.run` waits for it before Ctrl-C is answered."""
    try:
        yield
    finally:
        if tree is not None:
            tree.stop()


async def _look_around(
    reading: Reading, agenda: Agenda, tree: PinnedTree | None, *, seconds: float
) -> tuple[Change, tuple[str, ...]]:
    """The change with code around it, where a model will read it in time, and what a person should know of it."""
    if tree is None:
        return reading.change, agenda.plan.notes
    room = agenda.plan.context_tokens * BYTES_PER_TOKEN
    try:
        async with asyncio.timeout(seconds):
            seen = await asyncio.to_thread(look_around, reading, tree, room_bytes=room)
    except TimeoutError:
        tree.stop()
        late = f"No code around the change was shown: it was not found within {seconds:,.1f} seconds."
        return reading.change, (*agenda.plan.notes, late)
    return seen.change, (*agenda.plan.notes, *seen.notes)


async def _look_up(
    found: Sequence[Finding], change: Change, tree: PinnedTree | None, seconds: float
) -> dict[str, bool]:
    """Whether the names that findings speak of stand in the tree; empty where it cannot be searched in time."""
    if tree and (words := names_to_look_up(found, change)):
        with suppress(TimeoutError, ReviewbotError):
            async with asyncio.timeout(seconds):
                return sighted(await asyncio.to_thread(tree.files_with, words))
    return {}


async def _hold(agenda: Agenda, hearing: Hearing, notes: tuple[str, ...], tree: PinnedTree | None) -> _Heard:
    """All lenses, and then, where the plan has it, what they found is put to somebody who is to refute it."""
    plan, change = agenda.plan, hearing.brief.change
    lenses = hearing
    if plan.challenge != "none":
        lenses = replace(hearing, deadline=hearing.deadline - (1 - BEFORE_CHALLENGE) * hearing.seconds_left)
    reviews = tuple(map(agenda.settled, await ask_council(plan, lenses)))
    while (other := replaced(plan, reviews)) and lenses.seconds_left > 0:
        silent, asked = (some.models[0].invited.member.name for some in (plan, other))
        notes += (f"{silent} did not answer, so {asked} was asked instead.",)
        plan, further = other, replace(other, sittings=other.models)
        reviews += tuple(map(agenda.settled, await ask_council(further, lenses)))
    for sitting in plan.models:
        own = [review for review in reviews if review.seat.member == sitting.invited.member]
        notes += tuple(unread(sitting.invited, own))
    if plan.models and all(
        review.state == "over_budget" for review in reviews if not is_rule(review.seat.member.family)
    ):
        notes += ("For the budget, no model could be asked anything.",)
    plan = able(plan, reviews)
    sightings = await _look_up(said(change, reviews), change, tree, LOOKING_AROUND * max(0.0, hearing.seconds_left))
    claims = ranked(change, reviews, sightings, as_claims=True)
    challenged, unasked = as_asked(plan, await challenge(claims, plan, hearing))
    reviews += tuple(map(agenda.settled, challenged))
    return _Heard(change, reviews, (*notes, *unasked, *told_of(reviews)), sightings)
