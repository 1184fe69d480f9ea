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


def test_what_is_read_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    diff, record, link = tmp_path / "a.diff", tmp_path / "run.json", tmp_path / "link"
    diff.write_bytes(Path(EMAIL).read_bytes())
    assert run(["check", "--offline", "--diff", str(diff), "--record", str(record)]) == 0
    for source, words in (
        (diff, ["check", "--diff", str(diff), "--output"]),
        (diff, ["check", "--diff", str(diff), "--record"]),
        (diff, ["check", "--diff", EMAIL, "--sarif", str(diff), "--record"]),
        (record, ["replay", str(record), "--output"]),
        (record, ["replay", str(record), "--moved", "--output"]),
    ):
        before = source.read_bytes()
        link.unlink(missing_ok=True)
        link.hardlink_to(source)
        capsys.readouterr()
        for name in (source, link):
            assert run([*words, str(name)]) == 2
            assert f"{name}: is the file that is read; name another one" in capsys.readouterr().err
        assert source.read_bytes() == before


def test_a_name_that_no_file_can_have_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--diff", EMAIL, "--output", "x" * 300]) == 2
    assert "File name too long" in capsys.readouterr().err
