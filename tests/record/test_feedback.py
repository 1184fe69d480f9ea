"""What people did with our comments: each counts once, as it was seen last, and nothing is lost between runs."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reviewbot.errors import BadSettings
from reviewbot.findings.model import Prior
from reviewbot.record.feedback import Feedback, Kind, learn, priors_of, read_feedback, settled

ADA, BOB = ("ada/large", "security"), ("bob/small", "architecture")


def seen(kind: Kind = "open", finding: str = "f1", *, number: int = 7, **more: object) -> Feedback:
    values: dict[str, object] = {
        "repository": "octo/shop", "number": number, "finding": finding, "comment": 3, "title": "Charged twice",
        "voices": (ADA,), "kind": kind, "at": "2026-11-21T10:00:00+00:00",
    }  # fmt: skip
    return Feedback.model_validate(values | more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "feedback.sqlite"


@pytest.mark.parametrize(
    ("kind", "wanted", "unwanted"),
    [("praised", 1, 0), ("changed", 1, 0), ("disliked", 0, 1), ("closed", 0, 1), ("dismissed", 0, 1)],
)
def test_every_kind_is_wanted_or_unwanted(kind: Kind, wanted: int, unwanted: int) -> None:
    assert priors_of([seen(kind)]) == (Prior(member=ADA[0], lens=ADA[1], wanted=wanted, unwanted=unwanted),)


def test_what_is_open_and_what_is_nobodys_teaches_nothing() -> None:
    assert priors_of([seen("open"), seen("praised", "f2", voices=())]) == ()


def test_a_finding_counts_once_for_each_that_raised_it() -> None:
    rows = [seen("praised", voices=(BOB, ADA, ADA)), seen("dismissed", "f2"), seen("changed", "f3")]
    ada, bob = priors_of(rows)
    assert (ada.member, ada.wanted, ada.unwanted) == (ADA[0], 2, 1)
    assert (bob.member, bob.wanted, bob.unwanted) == (BOB[0], 1, 0)


def test_seen_again_it_counts_once_and_is_as_old_as_it_was(path: Path) -> None:
    learn(path, [seen("praised")])
    (known,) = learn(path, [seen("praised", at="2026-11-22T10:00:00+00:00")])
    assert (known.wanted, known.unwanted) == (1, 0)
    assert read_feedback(path) == (seen("praised"),)


def test_what_was_taken_back_is_gone_and_a_later_word_replaces_the_earlier(path: Path) -> None:
    learn(path, [seen("disliked"), seen("disliked", "f2"), seen("praised", number=8)])
    later = "2026-11-22T10:00:00+00:00"
    (known,) = learn(path, [seen("open", at=later), seen("changed", "f2", at=later)])
    assert (known.wanted, known.unwanted) == (2, 0)
    assert [(row.number, row.kind, row.at == later) for row in read_feedback(path)] == [
        (7, "open", True), (7, "changed", True), (8, "praised", False),
    ]  # fmt: skip


def test_code_that_came_back_under_a_closed_thread_is_no_dismissal() -> None:
    assert settled(seen("changed"), seen("closed")) == seen("changed")
    assert settled(seen("changed"), seen("dismissed")) == seen("dismissed")
    assert settled(seen("closed"), seen("changed")) == seen("changed")


def test_without_a_file_nothing_is_known_and_for_nothing_none_is_made(path: Path) -> None:
    assert learn(None, [seen("praised")]) == ()
    assert (learn(path, []), path.exists()) == ((), False)


def test_runs_at_the_same_time_lose_nothing(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: learn(path, [seen("praised", number=n)]), range(24)))
    assert [row.number for row in read_feedback(path)] == list(range(24))


def test_half_of_a_pull_request_is_never_kept(path: Path) -> None:
    learn(path, [seen()])
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TRIGGER t BEFORE INSERT ON feedback WHEN NEW.finding = 'f3' BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
    with pytest.raises(BadSettings):
        learn(path, [seen("praised", "f2"), seen("praised", "f3")])
    assert read_feedback(path) == (seen(),)


@pytest.mark.parametrize("content", ["this is no database, whatever it is called", None], ids=["text", "another row"])
def test_a_file_that_cannot_be_used_is_named_with_the_remedy(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "f.sqlite"
    if content:
        path.write_text(content * 20)
    else:
        learn(path, [seen()])
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE feedback SET seen = '{}'")
    for use in (lambda: read_feedback(path), lambda: learn(path, [seen()])):
        with pytest.raises(BadSettings, match="REVIEWBOT_FEEDBACK") as bad:
            use()
        assert (bad.value.who, "\n" in str(bad.value)) == (str(path), False)


def test_a_file_that_cannot_be_looked_at_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / ("x" * 300), tmp_path / "file" / "feedback.sqlite"):
        for use in (lambda path=path: read_feedback(path), lambda path=path: learn(path, [seen()])):
            with pytest.raises(BadSettings, match="REVIEWBOT_FEEDBACK"):
                use()


def test_what_is_kept_is_for_its_owners_eyes(path: Path) -> None:
    learn(path, [seen()])
    assert path.stat().st_mode & 0o777 == 0o600


def test_half_a_character_in_a_title_loses_nothing(path: Path) -> None:
    learn(path, [seen(title="Charged \ud83d twice")])
    assert [row.title for row in read_feedback(path)] == ["Charged ? twice"]
