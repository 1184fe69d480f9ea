"""How git is called, and what its refusals become."""

import os
import select
from pathlib import Path

import pytest

from reviewbot.errors import BadInput, BadRange
from reviewbot.sources import git
from reviewbot.sources.git import DIFF_FLAGS, Git, configured, environment, refusal, require_version


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called git, first and alone on PATH, whose text a test writes."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent))
    return program


def write_program(path: Path, text: str) -> None:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def test_git_that_is_not_installed_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match=r"git: is not installed.*; install git"):
        Git(tmp_path, environment()).call("version")


@pytest.mark.parametrize("said", ["git version 2.33.8", "git version 1.8.3.1", "something else"])
def test_git_that_is_too_old_is_refused(tmp_path: Path, impostor: Path, said: str):
    write_program(impostor, f"echo '{said}'\n")
    with pytest.raises(BadInput, match=rf"`{said}` is too old; install git 2\.34"):
        require_version(Git(tmp_path, environment()))


@pytest.mark.parametrize("said", ["git version 2.34.1", "git version 2.50.1 (Apple Git-155)", "git version 3.0"])
def test_git_that_is_new_enough_is_not(tmp_path: Path, impostor: Path, said: str):
    write_program(impostor, f"echo '{said}'\n")
    require_version(Git(tmp_path, environment()))


def test_git_that_does_not_end_is_stopped(tmp_path: Path, impostor: Path, monkeypatch: pytest.MonkeyPatch):
    write_program(impostor, "exec /bin/sleep 30\n")
    monkeypatch.setattr(git, "SECONDS", 0.1)
    with pytest.raises(BadInput, match="git diff: did not end within"):
        Git(tmp_path, environment()).call("diff")


def test_git_that_nobody_waits_for_any_more_is_killed_and_what_it_printed_is_kept(tmp_path: Path, impostor: Path):
    write_program(impostor, "echo found; exec /bin/sleep 30\n")
    asked = list[int]()

    def wanted(printed: int) -> bool:
        asked.append(printed)
        return printed == 0

    output = Git(tmp_path, environment()).call_while(wanted, "grep")
    assert (output.code, output.out) == (-9, b"found\n")
    assert asked[-1] == 6


def test_git_is_killed_with_the_programs_it_started(tmp_path: Path, impostor: Path):
    os.mkfifo(tmp_path / "held")
    write_program(impostor, "exec 9>held; /bin/sleep 30 & echo started; exec /bin/sleep 30\n")
    held = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    assert Git(tmp_path, environment()).call_while(lambda printed: printed == 0, "fetch").code == -9
    assert select.select([held], [], [], 5)[0], "the pipe is closed once nobody holds it any more"
    assert os.read(held, 1) == b""
    os.close(held)


def test_git_that_ends_by_itself_is_as_in_any_call(tmp_path: Path, impostor: Path):
    write_program(impostor, "echo out; echo err >&2; exit 3\n")
    made = Git(tmp_path, environment())
    assert made.call_while(lambda _printed: True, "grep") == made.call("grep")
    with pytest.raises(BadInput, match=r"gone: No such file"):
        Git(tmp_path / "gone", environment()).call_while(lambda _printed: True, "grep")


def test_a_directory_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match=r"gone: No such file"):
        Git(tmp_path / "gone", environment()).call("version")


def test_an_environment_holds_nothing_nobody_listed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "k")
    monkeypatch.setenv("GIT_DIR", "/some/where")
    allowed = {"PATH", "TMPDIR", "SUDO_UID", "SYSTEMROOT", "LC_ALL"}
    assert {name for name in environment() if not name.startswith("GIT_")} <= allowed
    assert "GIT_EXTERNAL_DIFF" not in environment()
    assert "GIT_DIR" not in environment()
    assert environment("GIT_DIR")["GIT_DIR"] == "/some/where"


def test_a_personal_place_is_the_persons_or_nowhere(monkeypatch: pytest.MonkeyPatch):
    assert environment()["GIT_CONFIG_GLOBAL"] == os.devnull
    assert "GIT_CONFIG_GLOBAL" not in environment("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/mine")
    assert environment("GIT_CONFIG_GLOBAL")["GIT_CONFIG_GLOBAL"] == "/mine"


def test_settings_reach_git_whatever_they_hold(tmp_path: Path):
    wanted = {"filter.a=b.clean": "", "filter.two\twords.smudge": 'x "y" = z', "core.pager": "p\nq"}
    told = Git(tmp_path, {**environment(), **configured(wanted)}).settings("")
    assert dict(told) == wanted


def test_no_setting_that_matches_is_no_failure(tmp_path: Path):
    assert Git(tmp_path, environment()).settings("^no\\.such$") == []


def test_settings_that_cannot_be_read_are_a_failure(tmp_path: Path):
    (tmp_path / "config").write_text("[broken\n")
    with pytest.raises(BadRange, match="git config: bad config line 1"):
        Git(tmp_path, environment(GIT_CONFIG_GLOBAL=str(tmp_path / "config"))).settings("x")


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        (b"fatal: not a git repository (or any of the parent directories): .git\n", "there is no git repository here"),
        (b"fatal: detected dubious ownership in repository at '/a b'\n", "config --global --add safe.directory '/a b'"),
        (
            b"fatal: unsafe repository ('/a b' is owned by someone else)\n",
            "config --global --add safe.directory '/a b'",
        ),
        (b"fatal: unable to read 0123\n", "an object is missing"),
        (b"fatal: bad object HEAD\n", "an object is missing"),
        (b"warning: a\nfatal: transport 'https' not allowed\n", "(transport 'https' not allowed)"),
        (b"noise\nfatal: \xff odd\n", "git diff: \N{REPLACEMENT CHARACTER} odd; mend"),
        (b"", "git diff: no reason given"),
    ],
)
def test_a_refusal_is_one_line_with_a_remedy(stderr: bytes, expected: str):
    text = str(refusal("diff", stderr))
    assert expected in text
    assert "\n" not in text


def test_the_flags_of_a_diff_leave_binary_to_git():
    assert "--text" not in DIFF_FLAGS
