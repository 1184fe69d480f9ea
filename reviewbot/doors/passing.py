"""What may be gone when the same is tried again, be it GitHub's or a model's. When it is tried is not known here."""

from typing import Final

from reviewbot.council import ASKED
from reviewbot.errors import Doubtful, Limited, Unreachable
from reviewbot.findings import is_rule
from reviewbot.report import Report

PASSING: Final = (Limited, Unreachable, Doubtful)


def unanswered(report: Report) -> str:
    """Why no model answered, where one of them could not be reached; else empty (THREATS L16)."""
    heard = any(not is_rule(seat.family) and seat.state in ASKED for seat in report.seats)
    away = any(seat.state == "unavailable" for seat in report.seats)
    return f"no model answered: {silence(report)}" if away and not heard else ""


def silence(report: Report) -> str:
    """Who did not answer, and why, each once."""
    silent = (seat for seat in report.seats if seat.state not in ASKED)
    return "; ".join(sorted({f"{seat.member}: {seat.detail or seat.state}" for seat in silent}))
