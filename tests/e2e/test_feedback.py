"""What people do with comments, from the pull request into what is known, and from there into the next review."""

import asyncio
import math
from pathlib import Path

import pytest
from e2e.pushes import POST, Pushes, draft, unwatched
from hub.memory import MemoryForge

from reviewbot.doors.pull_request import Done, review_pull
from reviewbot.doors.session import Learn, Session
from reviewbot.errors import BadSettings
from reviewbot.findings.model import Prior
from reviewbot.findings.priors import MOST
from reviewbot.pipeline import judge
from reviewbot.record import RunRecord, dump_record
from reviewbot.record.feedback import Feedback
from reviewbot.report import ReportFinding
from reviewbot.settings import Operator

A = "def pay(user):\n    charge(user, amount_of(user))\n"
B = "def refund(order):\n    gateway.refund(order.payment)\n"
BAD = draft("A is bad", "a.py", "    charge(user, amount_of(user))", 2)
WORSE = draft("B is worse", "b.py", "    gateway.refund(order.payment)", 2)


@pytest.fixture
def pull(tmp_path: Path) -> Pushes:
    pull = Pushes(tmp_path, {"README": "x\n"}, {"a.py": A, "b.py": B})
    pull.hear(BAD, WORSE)
    return pull


def reviewed(pull: Pushes, learn: Learn, policy: str = "") -> Done:
    (pull.root / "policy.yml").write_text(policy)
    clock, voice = pull.world.clock, pull.voice([BAD, WORSE])
    url = "https://hub.example/octo/shop/blob/"
    session = Session(MemoryForge(pull.world), (b"a key",), url, clock.now(), clock, learn=learn)
    wish = POST._replace(policy_file=pull.root / "policy.yml")
    return asyncio.run(review_pull(session, pull.number, Operator(models=(voice,)), wish, unwatched))


class Ear:
    """Hears what is told of a pull request, and knows of one member."""

    known = (Prior(member="ada", lens="architecture", wanted=9, unwanted=1),)

    def __init__(self) -> None:
        self.rows: dict[str, Feedback] = {}

    def __call__(self, _pull: object, rows: object) -> tuple[Prior, ...]:
        self.rows = {row.title: row for row in rows}
        return self.known

    @property
    def kinds(self) -> dict[str, str]:
        return {title: row.kind for title, row in self.rows.items()}


def test_what_became_of_each_comment_is_told_with_the_next_review_and_no_further_request(pull: Pushes) -> None:
    ear, asked = Ear(), len(pull.world.requests)
    pull.hear(BAD, WORSE)
    plain, asked = len(pull.world.requests) - asked, len(pull.world.requests)
    reviewed(pull, ear)
    assert len(pull.world.requests) - asked == plain
    assert ear.kinds == {"A is bad": "open", "B is worse": "open"}
    pull.world.react(ear.rows["B is worse"].comment, "ada", "-1")
    pull.push({"a.py": A.replace("charge(", "charge_once(")})
    record = reviewed(pull, ear).record
    assert ear.kinds == {"A is bad": "changed", "B is worse": "disliked"}
    assert record
    assert record.priors == Ear.known


def test_a_comment_remembers_who_raised_it_and_the_file_it_was_about(pull: Pushes) -> None:
    ear = Ear()
    reviewed(pull, ear)
    voices = {row.voices for row in ear.rows.values()}
    assert [(member.rpartition("/")[2], lens) for ((member, lens),) in voices] == [("ada.json", "architecture")]
    for thread in pull.world.pulls[pull.number].threads:
        thread.resolved = True
    pull.push({"a.py": "import bank\n" + A})
    reviewed(pull, ear)
    assert ear.kinds == {"A is bad": "open", "B is worse": "closed"}


def test_what_is_known_of_its_voice_moves_a_finding_and_the_record_says_what_was_known(pull: Pushes) -> None:
    record = pull.push({"c.py": "c = 1\n", "a.py": A + "\n"}).hear(BAD).record
    assert record
    (name,) = {review.seat.member.name for review in record.reviews if review.drafts}
    known = (
        Prior(member=name, lens="architecture", wanted=80, unwanted=20),
        Prior(member="ben", lens="architecture", wanted=20, unwanted=80),
    )
    taught = RunRecord.model_validate_json(dump_record(record.model_copy(update={"priors": known})))
    (before,), (after,) = judge(record).findings, judge(taught).findings
    assert odds(after) - odds(before) == pytest.approx(MOST, abs=0.02)


def odds(finding: ReportFinding) -> float:
    return math.log(finding.probability / (1 - finding.probability))


def test_a_push_that_is_left_alone_tells_what_people_did_too(pull: Pushes) -> None:
    ear = Ear()
    pull.push({"c.py": "c = 1\n"})
    assert reviewed(pull, ear, "triggers: {pushes: none}").report is None
    assert ear.kinds == {"A is bad": "open", "B is worse": "open"}


def test_a_review_goes_on_where_nothing_can_be_learned_and_says_so(pull: Pushes) -> None:
    def broken(_pull: object, _rows: object) -> tuple[Prior, ...]:
        raise BadSettings("feedback.sqlite", "is locked", "wait")

    done = reviewed(pull.push({"c.py": "c = 1\n"}), broken)
    assert done.posted
    assert done.notes == (
        "what people did with earlier comments was neither kept nor used: feedback.sqlite: is locked; wait",
    )
