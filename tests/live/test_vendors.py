"""The real vendors, with a person's own keys: `pytest -m live`. Costs a few cents.

What only this can settle: that each vendor takes our schema, and that the second lens reads the first one's cache.
"""

import os

import pytest

from reviewbot.change import Change, Diff, File, Hunk
from reviewbot.pipeline import hear
from reviewbot.settings import VENDORS, load_operator
from reviewbot.wiring import seat_council

pytestmark = pytest.mark.live
LONGER_THAN_EVERY_CACHE = 2_000
"""Lines; about 20,000 tokens, where the longest minimum of a vendor's cache is 4,096."""


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_vendor_answers_every_lens_and_the_later_ones_read_the_cache(vendor: str) -> None:
    if not any(os.environ.get(name) for name in VENDORS[vendor].keys):
        pytest.skip(f"no key: set {' or '.join(VENDORS[vendor].keys)}")
    body = tuple(f"+value_{n} = compute({n})" for n in range(LONGER_THAN_EVERY_CACHE))
    file = File(path="values.py", old_path=None, status="added", hunks=(Hunk(old_start=0, new_start=1, body=body),))
    operator = load_operator(os.environ, flags={"models": (f"{vendor}/{VENDORS[vendor].default_model}",)})
    change = Change(diff=Diff(files=(file,)))
    record = await hear(change, operator, seat_council(operator, change.policy))
    assert [(review.state, review.detail) for review in record.reviews] == [("ok", "")] * 3
    if vendor != "google":  # its implicit cache promises nothing
        assert all(review.usage.cached > 0 for review in record.reviews[1:])
