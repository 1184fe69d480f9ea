"""How the process ends: the exit codes of DESIGN 4.1, one line for a failure, no traceback."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.doors import cli
from reviewbot.errors import Exit

ROOT = Path(__file__).parents[2]
EMAIL = ROOT / "examples" / "stripe-google-email.diff"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is no repository."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_reviewed_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--diff", str(EMAIL)]) == Exit.REVIEWED
    assert "User.objects.get(email=checkout.customer_details.email)" in capsys.readouterr().out


@pytest.mark.parametrize(("bar", "code"), [("critical", 0), ("high", 1), ("low", 1)])
def test_findings_at_or_above_the_bar_are_1(bar: str, code: int) -> None:
    assert cli.run(["check", "--diff", str(EMAIL), "--fail-on", bar]) == code


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["check"], "there is no git repository here"),
        (["check", "--diff", "none.diff"], "reviewbot: --diff none.diff: No such file or directory; name a file"),
        (["check", "--diff", str(ROOT / "README.md")], "reviewbot: "),
        (["check", "--diff", str(EMAIL), "--staged"], "reviewbot: --diff: says already what is reviewed"),
        (["check", "--diff", str(EMAIL), "--model", "openai/gpt-6.1-sol"], "set OPENAI_API_KEY"),
        (["check", "--diff", str(EMAIL), "--lens", "securty"], "did you mean security?"),
        (["check", "--diff", str(EMAIL), "--policy", "none.yml"], "none.yml"),
        (["check", "--diff", str(EMAIL), "--output", "no/folder/x.txt"], "name a file in a folder you can write to"),
        (["check", "--diff", str(EMAIL), "--sarif", "none.sarif"], "reviewbot: sarif none.sarif: cannot be read"),
        (["check", "--diff", str(EMAIL), "--sarif", str(ROOT / "README.md")], "README.md: is no JSON"),
        (["check", "--format", "pdf"], "see `reviewbot check --help`"),
        (["check", "--max-usd", "-1"], "-1"),
        (["chekc"], "No such command 'chekc'. Did you mean 'check'; see `reviewbot --help`"),
        (["replay", "none.json"], "none.json: No such file or directory"),
    ],
)
def test_an_explained_failure_is_2_and_one_line(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(words) == Exit.EXPLAINED
    told = capsys.readouterr()
    assert line in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_bug_is_3_and_its_traceback_is_kept(tmp_path: Path) -> None:
    broken = "import click, reviewbot.doors.cli as c\n@c.cli.command()\ndef boom(): raise KeyError('x')\n"
    code = broken + "raise SystemExit(c.run(['boom']))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"TMPDIR": str(tmp_path)}
    )
    assert ended.returncode == Exit.BUG
    (log,) = tmp_path.glob("reviewbot-*.log")
    assert str(log) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "KeyError: 'x'" in log.read_text()


def test_interrupted_is_130_and_writes_nothing(tmp_path: Path) -> None:
    script = tmp_path / "slow.json"
    answer = '{"answer": {"findings": [], "could_not_judge": []}, "seconds": 60}'
    script.write_text(f'{{"family": "slow", "recorded": "by hand", "answers": {{"security": {answer}}}}}')
    words = [
        "check",
        "--diff",
        str(EMAIL),
        "--model",
        f"scripted/{script}",
        "--output",
        "out.txt",
        "--record",
        "run.json",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "reviewbot", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(2.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == Exit.INTERRUPTED
    assert err == "reviewbot: interrupted; no report was written\n"
    assert out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["slow.json"]


def test_a_reader_who_leaves_early_is_no_error() -> None:
    for bar, code in (("critical", 0), ("low", 1)):
        check = f"{sys.executable} -m reviewbot check --diff {EMAIL} --fail-on {bar}"
        command = f"({check}; exit $?) | true; exit ${{PIPESTATUS[0]}}"
        ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (code, "")


def test_a_full_disk_is_explained() -> None:
    command = f"{sys.executable} -m reviewbot check --diff {EMAIL} > /dev/full"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "stdout: No space left on device" in ended.stderr


def test_help_reads_well_and_pays_for_no_room() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "reviewbot", "check", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Review local work before pushing." in ended.stdout
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ended.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {"pydantic", "rich", "anthropic", "openai", "google", "httpx2", "unidiff", "yaml", "asyncio"}


def test_without_a_word_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 0
    assert "Commands:" in capsys.readouterr().out


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("reviewbot, version 0.")
