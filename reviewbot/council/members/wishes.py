"""What a call asks for beside its answer, and gives up where the server will not have it: effort and a service tier.

Knows what a refusal says, not how a vendor words the fields. A wish once given up stays so for the connection, so that
all later calls are alike and read one cache.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from reviewbot.council.members.failures import Rejection, is_quota
from reviewbot.council.model import Access, Call

EFFORT = re.compile(r"effort|thinking|reasoning", re.IGNORECASE)
TIER = re.compile(r"service.?tier", re.IGNORECASE)
BUSY = (429, 503)
"""What a cheap tier answers when it has no room; the standard one may have."""


@dataclass(slots=True)
class Wishes:
    """Of one connection."""

    effort: bool = True
    service_tier: str | None = None

    @classmethod
    def of(cls, access: Access) -> "Wishes":
        return cls(service_tier=access.service_tier)

    def added(self, call: Call) -> Call:
        """The call with what may still be wished for."""
        return replace(call, effort=call.effort if self.effort else None, service_tier=self.service_tier)

    def less(self, call: Call, rejection: Rejection) -> bool:
        """Gives up what the server refused, where that was a wish. The call is then worth making again, at once."""
        match refused_wish(call, rejection):
            case "tier":
                self.service_tier = None
            case "effort":
                self.effort = False
            case None:
                return False
        return True


def refused_wish(call: Call, rejection: Rejection) -> Literal["tier", "effort"] | None:
    """Which wish of the call the server would not have; None where it failed for another reason."""
    named = rejection.status in (400, 422)
    busy = rejection.status in BUSY and not is_quota(rejection)
    if call.service_tier and (busy or (named and TIER.search(rejection.body))):
        return "tier"
    return "effort" if call.effort and named and EFFORT.search(rejection.body) else None
