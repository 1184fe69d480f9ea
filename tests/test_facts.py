"""A fact stays what it was, and holds nothing that nobody declared."""

import pytest
from pydantic import ValidationError

from reviewbot.facts import Fact


class Place(Fact):
    path: str
    line: int = 1


def test_a_fact_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Place(path="a.py").line = 2  # type: ignore[misc]


def test_a_key_nobody_declared_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Place.model_validate({"path": "a.py", "lines": 2})


def test_equal_facts_are_interchangeable() -> None:
    assert {Place(path="a.py"), Place(path="a.py", line=1)} == {Place(path="a.py")}
