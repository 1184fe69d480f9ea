"""Where a report goes, and how the process ends because of it."""

import json
import os
from pathlib import Path

import pytest

from reviewbot.doors.cli import run

ROOT = Path(__file__).parents[2]
EMAIL = str(ROOT / "examples" / "stripe-google-email.diff")


def test_a_report_goes_to_a_file_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.md"
    out.write_text("an older report")
    assert run(["check", "--diff", EMAIL, "--format", "markdown", "--output", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert "customer_details" in out.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_when_no_seat_answers_the_report_is_printed_and_the_end_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REVIEWBOT_SERVERS", "gone=http://127.0.0.1:9/v1")
    words = ["check", "--diff", EMAIL, "--model", "gone/model", "--lens", "security", "--format", "json"]
    assert run(words) == 2
    told = capsys.readouterr()
    (seat,) = json.loads(told.out)["seats"]
    assert seat["state"] == "unavailable"
    assert "no seat answered; gone/model unavailable: " in told.err


def test_a_change_of_images_alone_is_printed_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "diff --git a/x.png b/x.png\nnew file mode 100644\nindex 0000000..1111111\n"
    (tmp_path / "image.diff").write_text(header + "Binary files /dev/null and b/x.png differ\n")
    assert run(["check", "--diff", str(tmp_path / "image.diff")]) == 2
    told = capsys.readouterr()
    assert told.out.startswith("Nothing could be looked at: binary")
    assert "look at it yourself" in told.err


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert run(["check", "--diff", EMAIL, "--output", str(tmp_path / "link")]) == 0
    assert (tmp_path / "link").is_symlink()
    assert "webhooks.py" in (tmp_path / "real").read_text()
    assert run(["check", "--diff", EMAIL, "--output", os.devnull]) == 0
    assert Path(os.devnull).is_char_device()
