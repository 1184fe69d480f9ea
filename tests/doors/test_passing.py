"""Which reviews are worth another try."""

import pytest
from forge.posting_scene import report
from report.samples import seat

from reviewbot.doors.passing import silence, unanswered

RULES = {"member": "rules/builtin", "family": "rules"}
AWAY = {"state": "unavailable", "detail": "no answer within 600 s"}


@pytest.mark.parametrize(
    ("seats", "passes"),
    [
        ([AWAY], True),
        ([AWAY, RULES], True),
        ([AWAY, {"state": "config_error"}], True),
        ([AWAY, {"state": "ok"}], False),
        ([RULES], False),
        ([{"state": "config_error"}], False),
        ([{"state": "over_budget"}, RULES], False),
        ([], False),
    ],
)
def test_a_review_that_no_model_answered_is_where_one_was_away(seats: list[dict[str, str]], passes: bool) -> None:
    """THREATS L16: a wrong key and an empty purse are the same the next time."""
    assert bool(unanswered(report(seats=tuple(seat(**facts) for facts in seats)))) is passes


def test_who_was_silent_is_named_once() -> None:
    seats = [seat(lens=lens, member="openai/gpt", **AWAY) for lens in ("security", "architecture")]
    assert silence(report(seats=(*seats, seat()))) == "openai/gpt: no answer within 600 s"
