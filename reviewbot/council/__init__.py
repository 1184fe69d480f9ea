"""Independent voices on one change: who sits, what they are asked, and how each seat ended.

    plan        who is asked what, by what is at stake and its price     agenda, plan, savings, fallback, roster, family
    show        the change as each member sees it                        reading, skip, pack, layout, brief, prompt
    ask         all members at once, each lens behind one cached prefix  reach, ask, seat, exchange, attempt; caching
    challenge   what was found goes to others, blind, to be refuted      challenge, claims
    answer      text into values, without the secrets of the change      answer, said
    money       reserved before a call, settled after it                 budget, prices, window
    servers     those that fail are left alone for a while               breaker; members/, one module a vendor
    beside      one question of a person; whether a member still looks   question, canary

Everybody speaks through `model`: `Call` in, `Reply` out.
"""

from reviewbot.council.ask import ask_council
from reviewbot.council.brief import Brief, Part
from reviewbot.council.budget import Ledger
from reviewbot.council.model import (
    ASKED,
    CHALLENGE,
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
from reviewbot.council.plan import Plan, Sitting
from reviewbot.council.seat import Hearing, Progress

__all__ = [
    "ASKED",
    "CHALLENGE",
    "Access",
    "Ask",
    "Brief",
    "Call",
    "Hearing",
    "Invited",
    "Ledger",
    "Lens",
    "Member",
    "Outcome",
    "Part",
    "Plan",
    "Progress",
    "Provider",
    "Reply",
    "Review",
    "Seat",
    "Sitting",
    "State",
    "Usage",
    "ask_council",
]
