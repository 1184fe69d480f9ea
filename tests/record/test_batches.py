"""What was sent is found by the next run, in the order it was sent."""

import sqlite3
from pathlib import Path

import pytest

from reviewbot.council.members.batch_api import Sent
from reviewbot.errors import BadSettings
from reviewbot.record.batches import SentBatches


def test_a_call_is_found_in_its_batch_until_its_answer_was_worth_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    SentBatches(tmp_path / "a.sqlite", told.append).keep(Sent("b1", ("z", "m", "a")))
    log = SentBatches(tmp_path / "a.sqlite", told.append)
    assert (log.batch_of("m"), log.batch_of("other")) == ("b1", None)
    log.forget(["m", "unknown"])
    assert (log.batch_of("m"), log.batch_of("a")) == (None, "b1")
    log.keep(Sent("b2", ("m",)))
    assert log.batch_of("m") == "b2"
    assert (log.calls_of("b1"), log.calls_of("b2")) == (("z", "m", "a"), ("m",))
    assert told == []


def test_a_file_that_cannot_be_used_stops_before_anything_is_paid_for_and_is_only_told_after(tmp_path: Path) -> None:
    told: list[str] = []
    log = SentBatches(tmp_path / "a.sqlite", told.append)
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute("DROP TABLE batched")
    log.keep(Sent("b1", ("a",)))
    assert "no such table" in told[0]
    with pytest.raises(BadSettings, match="cannot be used"):
        log.batch_of("a")
