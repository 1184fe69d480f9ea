"""What an attempt came to: tried again, given up, or at its end."""

import pytest
from booked import a_job
from forge.posting_scene import report
from received import reviewed
from report.samples import seat

from reviewbot.doors.pull_request import Done
from reviewbot.doors.service.end import DELAYS, again, end_of, tried_again
from reviewbot.doors.service.store import Store


@pytest.mark.parametrize(
    ("delay", "words"),
    [(0.5, "1 minute"), (60, "1 minute"), (181, "4 minutes"), (3_600, "60 minutes"), (14_400, "4 hours")],
)
def test_when_it_is_tried_again_is_said_as_people_say_it(delay: float, words: str) -> None:
    assert tried_again(delay) == f"tried again in {words}"


def test_a_passing_fault_is_tried_again_ever_later_and_given_up_in_the_end() -> None:
    ends = [again(a_job(attempt=attempt), "GitHub is away") for attempt in range(1, len(DELAYS) + 3)]
    assert [end.delay for end in ends] == [*DELAYS, None, None]
    assert ends[1].said == "GitHub is away; tried again in 3 minutes"
    assert (ends[7].state, ends[7].said) == ("failed", "given up after 8 tries: GitHub is away")


@pytest.mark.parametrize("held", [True, False])
def test_a_budget_that_a_lost_call_may_have_used_up_is_not_waited_for_and_it_is_said(store: Store, held: bool) -> None:
    """THREATS L19: it is held for ever, so another try would end the same."""
    reviewed(store, "d1", "running", calls=1, held=held)
    detail = "9 tokens may be needed, 0 are left"
    poor = report(seats=(seat(lens="security", state="over_budget", detail=detail),))
    end = end_of(a_job(), Done("said", poor, posted=True, ending="reviewed"), store)
    assert (end.state, end.delay) == ("failed", None)
    assert end.said.endswith(detail) is not held
    assert ("a call that was cut off is counted at its worst case" in end.said) is held
