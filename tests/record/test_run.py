"""A record is written once and read whole, or refused in one line."""

import json
from pathlib import Path

import pytest

from reviewbot.change import Change, Diff
from reviewbot.council import Member, Review, Seat
from reviewbot.errors import BadRecord
from reviewbot.record import RunRecord, dump_record, load_record
from reviewbot.settings import Budget

RECORD = RunRecord(
    id="0" * 32, version="0.1.0", started="2026-11-21T10:00:00+00:00", seconds=1.5, change=Change(diff=Diff(files=())),
    files=0, additions=0, deletions=0, prompts={"shared": "0" * 12}, reviews=(),
    not_covered=(), whole=True, budget=Budget(),
)  # fmt: skip


def test_a_record_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(dump_record(RECORD))
    assert load_record(path) == RECORD
    assert '"schema": "reviewbot/record@1"' in path.read_text()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", dump_record(RECORD)[:-20].encode()])
def test_what_is_no_record_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(BadRecord, match="do not fit") as caught:
        load_record(path)
    assert "\n" not in str(caught.value)


def test_a_record_of_before_the_challenge_still_reads(tmp_path: Path) -> None:
    seat = Seat(member=Member(name="ada/m", family="ada"), lens="security")
    value = json.loads(dump_record(RECORD.model_copy(update={"reviews": (Review(seat=seat, state="ok"),)})))
    del value["stakes"], value["notes"], value["change"]["hidden"], value["change"]["context"]
    (review,) = value["reviews"]
    for key in ("verdicts", "calls", "through"):
        del review[key]
    del review["seat"]["covers"]
    path = tmp_path / "run.json"
    path.write_text(json.dumps(value))
    record = load_record(path)
    assert (record.stakes.tier, record.reviews[0].verdicts, record.reviews[0].seat.lenses) == (
        "standard", (), ("security",),
    )  # fmt: skip


def test_a_record_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match=r"No such file or directory; name a file written by `check --record`"):
        load_record(tmp_path / "none.json")


def test_a_record_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(dump_record(RECORD).replace("record@1", "record@2"))
    with pytest.raises(BadRecord, match="of this version"):
        load_record(path)
