"""Progress is for somebody who watches; a pipe sees none."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from reviewbot.change import Change, Diff
from reviewbot.council import Member, Review, Seat
from reviewbot.doors.progress import watch
from reviewbot.settings import Policy

ROOT = Path(__file__).parents[2]
CHANGE = Change(diff=Diff(files=()))
SEAT = Seat(member=Member(name="ada/m", family="ada"), lens="security")


def test_a_pipe_sees_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with watch(CHANGE, (), quiet=False) as progress:
        progress(SEAT, None)
        progress(SEAT, Review(seat=SEAT, state="ok"))
    assert capsys.readouterr().err == ""


def test_a_foreign_policy_is_said_even_in_a_pipe_and_not_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    change = CHANGE.model_copy(update={"policy_from": "--policy mine.yml"})
    with watch(change, (), quiet=False):
        assert "--policy mine.yml" in capsys.readouterr().err
    with watch(change, (), quiet=True):
        assert capsys.readouterr().err == ""


def test_a_member_the_policy_asks_for_in_vain_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    change = CHANGE.model_copy(update={"policy": Policy(models=("anthropic/claude-opus-5-5",))})
    with watch(change, (), quiet=False):
        assert "anthropic/claude-opus-5-5, whom nobody here can seat" in capsys.readouterr().err


def test_a_terminal_sees_a_line_for_each_seat() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "reviewbot", "check", "--diff", "examples/stripe-google-email.diff"]
    subprocess.run(command, cwd=ROOT, stderr=theirs, stdout=subprocess.DEVNULL, check=True)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "rules/builtin  security" in shown
    assert "rules/builtin  assumptions" in shown
