"""What a service learns: once, for its own installation alone, and no longer than the jobs that saw it (S36, S40)."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from booked import a_job, a_pull

from reviewbot.doors.feedback import show_feedback
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.feedback import learn, read_feedback
from reviewbot.doors.service.jobs import receive
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.retention import expire, forget
from reviewbot.doors.service.store import FEEDBACK, JOBS, Store
from reviewbot.errors import BadSettings
from reviewbot.findings.model import Prior
from reviewbot.forge.event import Forget, Review
from reviewbot.forge.model import Address
from reviewbot.forge.webhook import Delivery
from reviewbot.record.feedback import Feedback, Kind

PULL, OTHER = a_pull(), a_pull(address=Address("octo/shop", 8))


def seen(kind: Kind, finding: str = "f1") -> Feedback:
    return Feedback(
        repository="octo/shop", number=7, finding=finding, comment=3, title="T", voices=(("ada/large", "security"),),
        kind=kind, at="2026-11-21T10:00:00+00:00",
    )  # fmt: skip


def prior(wanted: int, unwanted: int) -> tuple[Prior, ...]:
    return (Prior(member="ada/large", lens="security", wanted=wanted, unwanted=unwanted),)


def test_a_finding_seen_again_counts_once_and_as_it_is_by_now(each_store: Store) -> None:
    assert learn(each_store, a_job(), PULL, [seen("disliked"), seen("changed", "f2")]) == prior(1, 1)
    assert learn(each_store, a_job("d2"), PULL, [seen("praised"), seen("closed", "f2")]) == prior(2, 0)
    assert learn(each_store, a_job("d2"), OTHER, [seen("praised")]) == prior(3, 0)
    assert learn(each_store, a_job("d3"), PULL, []) == prior(3, 0)


def test_one_installation_learns_nothing_of_another(store: Store) -> None:
    learn(store, a_job(), PULL, [seen("praised")])
    assert learn(store, a_job("d2", installation_id=2), PULL, [seen("disliked")]) == prior(0, 1)
    assert learn(store, a_job("d3"), PULL, []) == prior(1, 0)
    assert {id_: [row.kind for row in rows] for id_, rows in read_feedback(store).items()} == {
        1: ["praised"], 2: ["disliked"],
    }  # fmt: skip


def received(store: Store, name: str, task: Review | Forget, repository_id: int | None) -> None:
    delivery = Delivery(
        guid=name, event="e", action="a", installation_id=1, repository_id=repository_id, repository="octo/shop",
        actor="ada", task=task,
    )  # fmt: skip
    assert receive(store, Queue(store), delivery, Config())


def test_it_is_forgotten_with_its_repository_and_with_the_last_job_that_saw_it(each_store: Store) -> None:
    for name, repository_id in (("old", 5), ("young", 5), ("gone", 6)):
        received(each_store, name, Review(number=7, head_sha="a" * 40), repository_id)
        learn(each_store, a_job(name), a_pull(repository_id=repository_id), [seen("praised"), seen("open", name)])
    with each_store.begin() as connection:
        connection.execute(sa.update(JOBS).where(JOBS.c.id == "old").values(received=0.0, ended=0.0, state="done"))
    expire(each_store, Queue(each_store), Config())
    with each_store.look() as connection:
        left = connection.execute(sa.select(FEEDBACK.c.repository_id, FEEDBACK.c.finding))
        assert set(map(tuple, left)) == {(5, "f1"), (5, "young"), (6, "f1"), (6, "gone")}
    received(each_store, "order", Forget(repository_ids=(6,)), None)
    forget(each_store, Queue(each_store), a_job("order", seq=99, task=Forget(repository_ids=(6,)), kind="forget"))
    assert {row.finding for row in read_feedback(each_store)[1]} == {"f1", "young"}


def test_reviewbot_feedback_reads_it_by_installation(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    learn(store, a_job(), PULL, [seen("praised")])
    learn(store, a_job("d2", installation_id=62), PULL, [seen("disliked")])
    show_feedback(store.url, "text", {})
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if line.startswith("Kept")] == [
        "Kept in installation 1; nobody's name is in it.", "Kept in installation 62; nobody's name is in it.",
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["typo.sqlite", "none/there.sqlite"])
def test_a_database_that_is_not_there_is_said_in_a_line_and_not_made(tmp_path: Path, place: str) -> None:
    with pytest.raises(BadSettings, match=f"^feedback --database: .*{place} cannot be read"):
        show_feedback(f"sqlite:///{tmp_path}/{place}", "text", {})
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_program_is_named_as_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").touch()
    with pytest.raises(BadSettings, match=r"^feedback --database: .*no such table"):
        show_feedback(f"sqlite:///{tmp_path}/other.sqlite", "text", {})
