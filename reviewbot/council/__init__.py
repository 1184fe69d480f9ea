"""Independent voices on one change: who sits, what they are asked, and how each seat ended."""

from reviewbot.council.ask import ask_council
from reviewbot.council.budget import Ledger
from reviewbot.council.model import (
    ASKED,
    Access,
    Ask,
    Call,
    Invited,
    Lens,
    Member,
    Outcome,
    Provider,
    Reply,
    Review,
    Seat,
    State,
    Usage,
)
from reviewbot.council.seat import Brief, Progress

__all__ = [
    "ASKED",
    "Access",
    "Ask",
    "Brief",
    "Call",
    "Invited",
    "Ledger",
    "Lens",
    "Member",
    "Outcome",
    "Progress",
    "Provider",
    "Reply",
    "Review",
    "Seat",
    "State",
    "Usage",
    "ask_council",
]
