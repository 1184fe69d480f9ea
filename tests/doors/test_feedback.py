"""`reviewbot feedback`: what is known of everybody, what it does, and what to do where nothing is known."""

import json
from pathlib import Path

import pytest

from reviewbot.doors.feedback import sheet_of, show_feedback
from reviewbot.errors import BadSettings
from reviewbot.findings.priors import MOST
from reviewbot.record.feedback import Feedback, Kind, learn

ADA, BOB = ("ada/large", "security"), ("bob/small", "security")


def seen(number: int, kind: Kind, *voices: tuple[str, str]) -> Feedback:
    return Feedback(
        repository="octo/shop", number=number, finding="f1", comment=3, title="T", voices=voices, kind=kind,
        at="2026-11-21T10:00:00+00:00",
    )  # fmt: skip


ROWS = (
    *(seen(n, "changed", ADA) for n in range(180)),
    *(seen(n, "dismissed", BOB) for n in range(200, 320)),
    seen(400, "open", ADA, BOB),
    seen(401, "praised"),
)


def kept(tmp_path: Path, *rows: Feedback) -> dict[str, str]:
    path = tmp_path / "f.sqlite"
    learn(path, rows)
    return {"REVIEWBOT_FEEDBACK": str(path)}


def test_each_member_and_lens_has_a_row_the_surest_first() -> None:
    ada, bob = sheet_of("here", ROWS).rows
    assert (ada.member, ada.commented, ada.wanted, ada.unwanted, ada.precision) == (ADA[0], 181, 180, 0, 1.0)
    assert (ada.low, ada.high, ada.adds) == (pytest.approx(0.980, abs=1e-3), pytest.approx(1.0, abs=1e-3), MOST)
    assert (bob.commented, bob.wanted, bob.unwanted, bob.precision, bob.adds) == (121, 0, 120, 0.0, -MOST)


def test_the_table_says_what_it_stands_on_and_that_little_is_lowered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show_feedback(None, "text", environ := kept(tmp_path, *ROWS))
    told = capsys.readouterr().out
    assert told.splitlines()[0].split() == [
        "member", "lens", "commented", "wanted", "unwanted", "precision", "95", "%", "adds",
    ]  # fmt: skip
    assert "302 findings, 301 of them judged by people: 180 changed, 120 dismissed, 1 open, 1 praised." in told
    assert "1 finding of comments that do not say who raised them count for nobody." in told
    assert "nothing is lowered before 100 of its own findings were judged" in told
    assert f"Kept in {environ['REVIEWBOT_FEEDBACK']}; nobody's name is in it." in told


def test_as_json_it_can_be_read_by_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_feedback(None, "json", kept(tmp_path, seen(1, "praised", ADA)))
    (sheet,) = json.loads(capsys.readouterr().out)
    assert (sheet["findings"], sheet["judged"], sheet["rows"][0]["adds"]) == (1, 1, 0.0)


def test_where_nothing_is_known_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    show_feedback(None, "text", environ)
    assert "No feedback yet. Post reviews" in capsys.readouterr().out
    show_feedback(None, "json", environ)
    assert json.loads(capsys.readouterr().out) == []
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_place_for_it_the_variable_is_named() -> None:
    with pytest.raises(BadSettings, match="set REVIEWBOT_FEEDBACK"):
        show_feedback(None, "text", {})


def test_a_place_that_cannot_be_looked_at_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="REVIEWBOT_FEEDBACK"):
        show_feedback(None, "text", {"REVIEWBOT_FEEDBACK": str(tmp_path / "file" / "x")})
