"""What a conversation adds to a report: nothing, until it is told."""

import pytest
from pydantic import ValidationError

from reviewbot.report.standing import Standing


def test_a_first_review_has_no_past() -> None:
    assert not any(Standing().model_dump().values())


def test_a_fact_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        Standing.model_validate({"approved": True})
