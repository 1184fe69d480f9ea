"""Independent voices on one change: who sits, what they are asked, and how each seat ended."""

from reviewbot.council.model import (
    ASKED,
    Access,
    Ask,
    Call,
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

__all__ = [
    "ASKED", "Access", "Ask", "Call", "Lens", "Member", "Outcome", "Provider", "Reply", "Review", "Seat", "State",
    "Usage",
]
