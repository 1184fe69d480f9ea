"""As whom the service works, and whom it asks: read before the database, or anybody, is asked for anything."""

import difflib
from collections.abc import Mapping
from typing import NamedTuple

from reviewbot.doors.flags import Flags
from reviewbot.doors.service.config import Limit
from reviewbot.errors import BadSettings
from reviewbot.forge.app import AppAccess, app_access_from
from reviewbot.settings import VENDORS, Operator, Policy
from reviewbot.wiring import seat_council


class Mandate(NamedTuple):
    """What a worker is told by its operator, beside `Config`."""

    operator: Operator
    access: AppAccess


def read_mandate(flags: Flags, limits: Mapping[str, Limit], environ: Mapping[str, str]) -> Mandate:
    """Raises BadSettings and NoCouncil for what the operator has to mend. Connects to nothing."""
    operator = flags.operator(environ)
    access = app_access_from(environ)
    seat_council(operator, Policy())
    known = [*VENDORS, *operator.servers, "rules", "scripted"]
    for number, name in enumerate(limits, start=1):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise BadSettings("REVIEWBOT_LIMITS", f"number {number} limits a provider that nobody knows", remedy)
    return Mandate(operator, access)
