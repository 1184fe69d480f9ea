"""The real vendors, with a person's own keys: `pytest -m live`. Costs a few cents.

What only this can settle: that each vendor takes our schema, each model its effort, and that the second lens reads the
first one's cache.
"""

import os

import pytest
from asking import a_call

from reviewbot.change import Change, Diff, File, Hunk
from reviewbot.pipeline import hear
from reviewbot.settings import VENDORS, Effort, Policy, load_operator
from reviewbot.wiring import seat_council

pytestmark = pytest.mark.live
LONGER_THAN_EVERY_CACHE = 2_000
"""Lines; about 20,000 tokens, where the longest minimum of a vendor's cache is 4,096."""


TIERS: dict[str, Effort] = {"cheap_model": "low", "default_model": "medium", "strong_model": "high"}


def need_key(vendor: str) -> None:
    if not any(os.environ.get(name) for name in VENDORS[vendor].keys):
        pytest.skip(f"no key: set {' or '.join(VENDORS[vendor].keys)}")


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("role", "effort"), TIERS.items())
async def test_each_model_that_sits_by_itself_takes_the_effort_of_its_tier(
    vendor: str, role: str, effort: Effort
) -> None:
    need_key(vendor)
    name = f"{vendor}/{getattr(VENDORS[vendor], role)}"
    operator = load_operator(os.environ, flags={"models": (name,)})
    (invited,) = seat_council(operator, Policy())
    async with invited.connect() as ask:
        reply = await ask(a_call(effort=effort, seconds=120.0))
    assert (reply.outcome, reply.detail) == ("ok", "")
    assert reply.usage.input + reply.usage.cached + reply.usage.cache_written > 0


@pytest.mark.parametrize("vendor", ["openai", "google"])
async def test_a_cheap_tier_is_taken_or_given_up_and_told(vendor: str) -> None:
    need_key(vendor)
    name = f"{vendor}/{VENDORS[vendor].default_model}"
    flags = {"models": (name,), "members": {name: {"service_tier": "flex"}}}
    (invited,) = seat_council(load_operator(os.environ, flags=flags), Policy())
    async with invited.connect() as ask:
        reply = await ask(a_call(seconds=600.0))
    assert reply.outcome == "ok"
    assert reply.detail in ("", "flex was not to be had, so the standard price was paid")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_vendor_answers_every_lens_and_the_later_ones_read_the_cache(vendor: str) -> None:
    need_key(vendor)
    body = tuple(f"+value_{n} = compute({n})" for n in range(LONGER_THAN_EVERY_CACHE))
    file = File(path="values.py", old_path=None, status="added", hunks=(Hunk(old_start=0, new_start=1, body=body),))
    model = f"{vendor}/{VENDORS[vendor].default_model}"
    operator = load_operator(os.environ, flags={"models": (model,), "tier": "standard", "challenged": 0})
    change = Change(diff=Diff(files=(file,)))
    record = await hear(change, operator, seat_council(operator, change.policy))
    assert [(review.state, review.detail) for review in record.reviews] == [("ok", "")] * 3
    if vendor != "google":  # its implicit cache promises nothing
        assert all(review.usage.cached > 0 for review in record.reviews[1:])
